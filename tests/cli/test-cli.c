/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Exit codes. */
#define FAILED 1
#define USAGE  2

/* Of the closed forms of method.md, section 6, which print 15 digits. */
#define SCHEDULE_TOLERANCE 1e-9

static void
test_help (void)
{
  g_autoptr (Result) help = run_tpdiff ("--help", NULL);
  g_autoptr (Result) of_command = run_tpdiff ("schedule", "--help", NULL);
  g_autoptr (Result) version = run_tpdiff ("--version", NULL);
  g_autoptr (Result) nothing = run_tpdiff (NULL, NULL);

  g_assert_cmpint (help->status, ==, 0);
  for (const char *const *name =
           (const char *const[]){"schedule", "inspect", "forward", "train", NULL};
       *name != NULL; name++)
    g_assert_nonnull (strstr (help->out, *name));
  g_assert_cmpint (of_command->status, ==, 0);
  g_assert_nonnull (strstr (of_command->out, "--stages"));
  g_assert_cmpint (version->status, ==, 0);
  g_assert_true (g_str_has_prefix (version->out, "tpdiff "));
  g_assert_cmpint (nothing->status, ==, USAGE);
}

static void
test_usage (void)
{
  g_autoptr (Result) command = run_tpdiff ("frobnicate", NULL);
  g_autoptr (Result) option = run_tpdiff ("schedule", "--frobnicate", NULL);
  g_autoptr (Result) argument = run_tpdiff ("schedule", "more", NULL);
  g_autoptr (Result) form = run_tpdiff ("schedule", "--form", "vp", NULL);

  assert_refused (command, USAGE, "\"frobnicate\"");
  assert_refused (option, USAGE, "--frobnicate");
  assert_refused (argument, USAGE, "\"more\"");
  assert_refused (form, USAGE, "\"vp\"");
}

static void
test_schedule (void)
{
  g_autoptr (Result) result = run_tpdiff ("schedule", "--form", "flow", "--stages", "3", NULL);
  g_autoptr (Result) too_many = run_tpdiff ("schedule", "--stages", "99", NULL);
  g_autoptr (JsonObject) report = parse_output (result);
  JsonArray *stages = json_object_get_array_member (report, "stages");
  const double ends[] = {0.585786437627, 0.261203874964, 0};
  double jump = (1 - 2.0 / 3) / (1 - ends[0]);

  g_assert_cmpstr (json_object_get_string_member (report, "form"), ==, "flow");
  g_assert_cmpuint (json_array_get_length (stages), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      JsonObject *stage = json_array_get_object_element (stages, i);

      g_assert_cmpint (json_object_get_int_member (stage, "stage"), ==, 3 - (int)i);
      g_assert_cmpint (json_object_get_int_member (stage, "frame_stride"), ==, 4 >> i);
      g_assert_cmpfloat_with_epsilon (json_object_get_double_member (stage, "start"), (3 - i) / 3.0,
                                      SCHEDULE_TOLERANCE);
      g_assert_cmpfloat_with_epsilon (json_object_get_double_member (stage, "end"), ends[i],
                                      SCHEDULE_TOLERANCE);
      g_assert_cmpint (json_object_get_null_member (stage, "jump_scale"), ==, i == 2);
    }
  g_assert_cmpfloat_with_epsilon (
      json_object_get_double_member (json_array_get_object_element (stages, 0), "jump_scale"), jump,
      SCHEDULE_TOLERANCE);
  assert_refused (too_many, FAILED, "99");
}

/* ── inspect ── */

/* Folders of the tiny model. */
static const char *const parts[] = {"transformer", "transformer_vanilla", "text_encoder", "vae",
                                    "tokenizer"};

static void
test_inspect_model (void)
{
  const char *model = g_getenv ("TPDIFF_TEST_MODEL");
  g_autoptr (Result) text = run_tpdiff ("inspect", model, NULL);
  g_autoptr (Result) json = run_tpdiff ("inspect", "--json", model, NULL);
  g_autoptr (JsonObject) report = parse_output (json);
  JsonObject *components = json_object_get_object_member (report, "components");
  JsonObject *vanilla = json_object_get_object_member (components, "transformer_vanilla");
  gint64 n_parameters = 0;

  g_assert_cmpint (text->status, ==, 0);
  g_assert_nonnull (strstr (text->out, "8 frames of 16 × 16 pixels"));
  g_assert_nonnull (strstr (text->out, "trained with K = 3"));
  g_assert_cmpint (json_object_get_int_member (report, "frames"), ==, 8);
  g_assert_cmpint (json_array_get_length (json_object_get_array_member (report, "problems")), ==,
                   0);
  g_assert_cmpstr (json_object_get_string_member (vanilla, "class"), ==, "PyramidFluxTransformer");
  g_assert_cmpint (
      json_object_get_int_member (json_object_get_object_member (vanilla, "pyramid"), "stages"), ==,
      1);
  for (const char *const *part = (const char *const[]){"transformer", "text_encoder", "vae", NULL};
       *part != NULL; part++)
    n_parameters += json_object_get_int_member (json_object_get_object_member (components, *part),
                                                "parameters");
  g_assert_cmpint (json_object_get_int_member (report, "memory_of_weights"), ==, 4 * n_parameters);
  g_assert_cmpint (json_object_get_int_member (report, "memory_of_sampling"), >, 4 * n_parameters);
}

static void
test_inspect_file (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("TPDIFF_TEST_MODEL"), "text_encoder", "model.safetensors", NULL);
  g_autoptr (Result) text = run_tpdiff ("inspect", path, NULL);
  g_autoptr (Result) json = run_tpdiff ("inspect", "--json", path, NULL);
  g_autoptr (JsonObject) report = parse_output (json);
  JsonObject *tensor = json_object_get_object_member (
      json_object_get_object_member (report, "tensors"), "text_model.final_layer_norm.bias");

  g_assert_nonnull (strstr (text->out, "text_model.final_layer_norm.bias"));
  g_assert_nonnull (strstr (text->out, "[16]"));
  g_assert_cmpstr (json_object_get_string_member (tensor, "dtype"), ==, "bf16");
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (tensor, "shape"), 0),
                   ==, 16);
}

/* What is missing is named, every part of it, and the rest is described all the same. */
static void
test_inspect_broken (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "tpdiff.json", NULL);
  g_autoptr (Result) result = NULL;

  g_file_set_contents (file, "{\"denoisers\": {\"unet\": {\"form\": \"ddim\", \"stages\": 2}}}", -1,
                       NULL);
  result = run_tpdiff ("inspect", folder, NULL);
  g_assert_cmpint (result->status, ==, FAILED);
  g_assert_nonnull (strstr (result->err, "3 problems"));
  for (const char *const *part = (const char *const[]){"unet", "text_encoder", "vae", NULL};
       *part != NULL; part++)
    {
      g_autofree char *missing = g_strdup_printf ("%s/config.json: there is no such file", *part);

      g_assert_nonnull (strstr (result->out, missing));
    }
  g_remove (file);
  g_rmdir (folder);
}

/* A model that promises clips larger than any memory is described like another. */
static void
test_inspect_huge (void)
{
  const char *model = g_getenv ("TPDIFF_TEST_MODEL");
  g_autofree char *folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_autofree char *original = g_build_filename (model, "tpdiff.json", NULL);
  g_autofree char *file = g_build_filename (folder, "tpdiff.json", NULL);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL, *huge = NULL;
  g_autoptr (Result) inspected = NULL, generated = NULL;
  g_autoptr (JsonObject) report = NULL;

  g_assert_true (g_file_get_contents (original, &text, NULL, NULL));
  node = json_from_string (text, NULL);
  json_object_set_int_member (json_node_get_object (node), "frames", 65536);
  json_object_set_int_member (json_node_get_object (node), "width", 16384);
  json_object_set_int_member (json_node_get_object (node), "height", 16384);
  huge = json_to_string (node, FALSE);
  g_assert_true (g_file_set_contents (file, huge, -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *part = g_build_filename (model, parts[i], NULL);
      g_autofree char *link = g_build_filename (folder, parts[i], NULL);

      g_assert_cmpint (symlink (part, link), ==, 0);
    }

  inspected = run_tpdiff ("inspect", "--json", folder, NULL);
  report = parse_output (inspected);
  g_assert_cmpint (json_object_get_int_member (report, "memory_of_sampling"), ==, 0);
  generated = run_tpdiff ("generate", "--device", "cpu", "--model", folder, "-", NULL);
  g_assert_cmpint (generated->status, ==, FAILED);
  g_assert_nonnull (strstr (generated->err, "Not enough memory")); /* asan has a line of its own */

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *link = g_build_filename (folder, parts[i], NULL);

      g_remove (link);
    }
  g_remove (file);
  g_rmdir (folder);
}

static void
test_inspect_nothing (void)
{
  g_autoptr (Result) model = run_tpdiff ("inspect", "nope", NULL);
  g_autoptr (Result) file = run_tpdiff ("inspect", "/nonexistent/x.safetensors", NULL);
  g_autoptr (Result) no_file = run_tpdiff ("inspect", g_getenv ("TPDIFF"), NULL);

  assert_refused (model, FAILED, "\"nope\"");
  assert_refused (file, FAILED, "/nonexistent/x.safetensors: there is no such file");
  g_assert_cmpint (no_file->status, ==, FAILED);
  g_assert_nonnull (strstr (no_file->err, g_getenv ("TPDIFF"))); /* asan blames plugins too */
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/help", test_help);
  g_test_add_func ("/cli/usage", test_usage);
  g_test_add_func ("/cli/schedule", test_schedule);
  g_test_add_func ("/cli/inspect/model", test_inspect_model);
  g_test_add_func ("/cli/inspect/file", test_inspect_file);
  g_test_add_func ("/cli/inspect/broken", test_inspect_broken);
  g_test_add_func ("/cli/inspect/huge", test_inspect_huge);
  g_test_add_func ("/cli/inspect/nothing", test_inspect_nothing);
  return g_test_run ();
}
