/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "io/tpd-safetensors.h"
#include "tpd-cli-clip-file.h"
#include "tpd-model-report.h"

/* Everything is first collected as JSON; the text for people is made from that. */

/* ── a file of tensors ── */

static JsonArray *
describe_shape (const TpdHostTensor *tensor)
{
  JsonArray *shape = json_array_new ();

  for (int i = 0; i < tensor->n_dims; i++)
    json_array_add_int_element (shape, tensor->shape[i]);
  return shape;
}

/* A header of JSON comes after its length, eight bytes; or there is an index. */
static gboolean
is_tensors (const char *path)
{
  char head[9] = {0};
  FILE *file;

  if (g_str_has_suffix (path, ".safetensors") || g_str_has_suffix (path, ".safetensors.index.json"))
    return TRUE;
  file = fopen (path, "rb");
  if (file == NULL)
    return FALSE;
  if (fread (head, sizeof head, 1, file) != 1)
    head[8] = '\0';
  fclose (file);
  return head[8] == '{' && head[7] == '\0';
}

static JsonObject *
describe_tensors (const char *path, GError **error)
{
  g_autoptr (TpdSafetensors) file = tpd_safetensors_open (path, error);
  JsonObject *tensors, *report;
  TpdHostTensor tensor;

  if (file == NULL)
    return NULL;
  tensors = json_object_new ();
  for (const char *const *name = tpd_safetensors_get_names (file); *name != NULL; name++)
    {
      JsonObject *entry = json_object_new ();

      tpd_safetensors_lookup (file, *name, &tensor);
      json_object_set_string_member (entry, "dtype", tpd_dtype_name (tensor.dtype));
      json_object_set_array_member (entry, "shape", describe_shape (&tensor));
      json_object_set_object_member (tensors, *name, entry);
    }
  report = json_object_new ();
  json_object_set_string_member (report, "path", path);
  json_object_set_int_member (report, "bytes", (gint64)tpd_safetensors_get_n_bytes (file));
  json_object_set_object_member (report, "tensors", tensors);
  return report;
}

static void
print_shape (JsonArray *shape)
{
  putchar ('[');
  for (guint i = 0; i < json_array_get_length (shape); i++)
    printf ("%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", json_array_get_int_element (shape, i));
  puts ("]");
}

static void
print_tensors (JsonObject *report)
{
  JsonObject *tensors = json_object_get_object_member (report, "tensors");
  g_autofree char *size = g_format_size ((guint64)json_object_get_int_member (report, "bytes"));
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, tensors);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonObject *entry = json_node_get_object (node);

      printf ("%-4s  %-60s  ", json_object_get_string_member (entry, "dtype"), name);
      print_shape (json_object_get_array_member (entry, "shape"));
    }
  printf (_ ("%u tensors, %s\n"), json_object_get_size (tensors), size);
}

/* ── the text ── */

static void
print_component (const char *folder, JsonObject *entry)
{
  const char *class_name =
      json_object_get_string_member_with_default (entry, "class", _ ("missing"));
  gint64 n_parameters = json_object_get_int_member_with_default (entry, "parameters", 0);
  g_autofree char *size =
      g_format_size ((guint64)json_object_get_int_member_with_default (entry, "bytes", 0));

  printf ("  %-20s %-23s", folder, class_name);
  if (n_parameters > 0)
    printf (_ (" %9.3f M parameters, %s as %s"), (double)n_parameters * 1e-6, size,
            json_object_get_string_member (entry, "dtype"));
  if (json_object_has_member (entry, "pyramid"))
    {
      JsonObject *pyramid = json_object_get_object_member (entry, "pyramid");

      printf (_ ("; %s, trained with K = %d"), json_object_get_string_member (pyramid, "form"),
              (int)json_object_get_int_member (pyramid, "stages"));
    }
  putchar ('\n');
}

static void
print_model (JsonObject *report)
{
  g_autofree char *weights =
      g_format_size ((guint64)json_object_get_int_member (report, "memory_of_weights"));
  g_autofree char *tensors =
      g_format_size ((guint64)json_object_get_int_member (report, "memory_of_sampling"));
  const char *license = json_object_get_string_member (report, "license");
  JsonArray *problems = json_object_get_array_member (report, "problems");
  JsonObjectIter iter;
  const char *folder;
  JsonNode *node;

  printf ("%s (%s)\n", json_object_get_string_member (report, "name"),
          json_object_get_string_member (report, "path"));
  printf (_ ("  licence: %s\n"), license != NULL ? license : _ ("not stated"));
  printf (_ ("  clips: %d frames of %d × %d pixels, %g a second\n"),
          (int)json_object_get_int_member (report, "frames"),
          (int)json_object_get_int_member (report, "width"),
          (int)json_object_get_int_member (report, "height"),
          json_object_get_double_member (report, "fps"));
  printf (_ ("  memory for the weights while sampling: %s\n"), weights);
  if (json_object_get_int_member (report, "memory_of_sampling") > 0)
    printf (_ ("  memory for all tensors while sampling with the default settings: %s\n"), tensors);
  json_object_iter_init_ordered (&iter, json_object_get_object_member (report, "components"));
  while (json_object_iter_next_ordered (&iter, &folder, &node))
    print_component (folder, json_node_get_object (node));
  for (guint i = 0; i < json_array_get_length (problems); i++)
    printf (_ ("  problem: %s\n"), json_array_get_string_element (problems, i));
}

static gboolean
set_problems_error (JsonObject *report, GError **error)
{
  guint n = json_array_get_length (json_object_get_array_member (report, "problems"));

  if (n == 0)
    return TRUE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA,
               g_dngettext (GETTEXT_PACKAGE, "The model cannot be used: %u problem",
                            "The model cannot be used: %u problems", n),
               n);
  return FALSE;
}

/* ── the command ── */

/* What there is to inspect. */
typedef enum
{
  SUBJECT_MODEL,
  SUBJECT_TENSORS,
  SUBJECT_CLIP,
} Subject;

static Subject
look_at (const char *name)
{
  if (name != NULL && is_tensors (name))
    return SUBJECT_TENSORS;
  return name != NULL && g_file_test (name, G_FILE_TEST_IS_REGULAR) ? SUBJECT_CLIP : SUBJECT_MODEL;
}

static JsonObject *
describe (Subject subject, const char *name, GError **error)
{
  switch (subject)
    {
    case SUBJECT_TENSORS:
      return describe_tensors (name, error);
    case SUBJECT_CLIP:
      return tpd_cli_clip_file_describe (name, error);
    case SUBJECT_MODEL:
    default:
      return tpd_model_report (name, error);
    }
}

static gboolean
print_report (Subject subject, JsonObject *report, GError **error)
{
  if (subject == SUBJECT_CLIP)
    return tpd_cli_clip_file_print (report, error);
  if (subject == SUBJECT_TENSORS)
    print_tensors (report);
  else
    print_model (report);
  return TRUE;
}

gboolean
tpd_cli_inspect (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, N_ ("print JSON"), NULL},
      {NULL},
  };
  g_autoptr (JsonObject) report = NULL;
  const char *name;
  Subject subject;

  if (!tpd_cli_parse (&argc, &argv, entries, _ ("[MODEL | FILE]"),
                      _ ("Says what a model directory or a file of tensors holds, and what is "
                         "missing or does not fit; of a video or a picture, what made it. Without "
                         "an argument: the bundled model. Memory "
                         "is what tensors take at the peak of making a clip, counted by making one "
                         "without computing anything; the CPU takes a few percent more."),
                      1, error))
    return FALSE;
  name = argc > 1 ? argv[1] : NULL;
  subject = look_at (name);
  report = describe (subject, name, error);
  if (report == NULL)
    return FALSE;
  if (as_json)
    {
      JsonNode *node = json_node_new (JSON_NODE_OBJECT);

      json_node_set_object (node, report);
      tpd_cli_print_json (node);
    }
  else if (!print_report (subject, report, error))
    return FALSE;
  return subject != SUBJECT_MODEL || set_problems_error (report, error);
}
