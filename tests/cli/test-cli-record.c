/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Settings records in files, without GStreamer: tpdiff inspect reads them, tpdiff generate --from
 * makes their clips again. Of videos see tests/gst/test-record.c. */

#include <string.h>

#include "../tree.h"
#include "run.h"

/* Exit codes. */
#define FAILED 1

#define SETTINGS "--device", "cpu", "--steps", "3"

static char *folder;

static char *
in_folder (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
run_well (const Result *result)
{
  g_test_message ("%s", result->err);
  g_assert_cmpint (result->status, ==, 0);
}

static void
assert_same_file (const char *a, const char *b)
{
  g_autofree char *x = NULL;
  g_autofree char *y = NULL;
  gsize n, m;

  g_assert_true (g_file_get_contents (a, &x, &n, NULL));
  g_assert_true (g_file_get_contents (b, &y, &m, NULL));
  g_assert_cmpmem (x, n, y, m);
}

/* A picture of a clip, and the clip itself from that; what is said comes first. */
static void
test_again (void)
{
  const char *model = g_getenv ("TPDIFF_TEST_MODEL");
  g_autofree char *sheet = in_folder ("sheet.png");
  g_autofree char *again = in_folder ("again.png");
  g_autofree char *other = in_folder ("other.png");
  g_autofree char *like_other = in_folder ("like-other.png");
  g_autoptr (Result) first = run_tpdiff ("generate", "--model", model, SETTINGS, "--prompt", "red",
                                         "--seed", "5", sheet, NULL);
  g_autoptr (Result) second =
      run_tpdiff ("generate", "--device", "cpu", "--from", sheet, again, NULL);
  g_autoptr (Result) third = run_tpdiff ("generate", "--device", "cpu", "--from", sheet, "--seed",
                                         "6", "--prompt", "", other, NULL);
  g_autoptr (Result) fourth =
      run_tpdiff ("generate", "--model", model, SETTINGS, "--seed", "6", like_other, NULL);

  run_well (first);
  run_well (second);
  run_well (third);
  run_well (fourth);
  assert_same_file (sheet, again);
  assert_same_file (other, like_other);
}

static void
test_inspect (void)
{
  g_autofree char *sheet = in_folder ("inspected.png");
  g_autoptr (Result) made = run_tpdiff ("generate", "--model", g_getenv ("TPDIFF_TEST_MODEL"),
                                        SETTINGS, "--prompt", "a red star", sheet, NULL);
  g_autoptr (Result) text = run_tpdiff ("inspect", sheet, NULL);
  g_autoptr (Result) json = run_tpdiff ("inspect", "--json", sheet, NULL);
  g_autoptr (JsonObject) report = parse_output (json);
  const char *record = json_object_get_string_member (report, "record");
  g_autoptr (JsonNode) node = json_from_string (record, NULL);

  run_well (made);
  g_assert_cmpint (text->status, ==, 0);
  g_assert_nonnull (strstr (text->out, "prompt: a red star"));
  g_assert_nonnull (strstr (text->out, "steps: 3"));
  g_assert_nonnull (strstr (text->out, "application: TPDiff "));
  g_assert_nonnull (node);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "prompt"), ==,
                   "a red star");
}

/* One clear error each, with the file's name. */
static void
test_refused (void)
{
  const struct
  {
    const char *record;
    const char *message;
  } cases[] = {
      {"{\"tpdiff\": 2}", "version 2"},
      {"{\"tpdiff\": 1, \"prompt\": ", "clip.json"},
      {"{\"tpdiff\": 1, \"settings\": {\"steps\": -1}}", "steps"},
      {"{\"tpdiff\": 1, \"model\": \"nowhere\"}", "nowhere"},
      {"{\"tpdiff\": 1, \"input\": {}}", "input"},
      {"{\"tpdiff\": 1, \"input\": \"00\", \"input-name\": \"a.mkv\"}", "a.mkv: --video FILE"},
  };
  g_autofree char *path = in_folder ("clip.json");
  g_autofree char *out = in_folder ("never.png");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Result) result = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].record, -1, NULL));
      result = run_tpdiff ("generate", "--from", path, out, NULL);
      assert_refused (result, FAILED, cases[i].message);
      if (!g_str_equal (cases[i].message, "nowhere"))
        assert_refused (result, FAILED, "clip.json: ");
      g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
    }
}

/* A damaged record is said to be one, and the rest is described all the same. */
static void
test_inspect_damaged (void)
{
  g_autofree char *path = in_folder ("damaged.json");
  g_autoptr (Result) text = NULL;
  g_autoptr (Result) json = NULL;
  g_autoptr (JsonObject) report = NULL;

  g_assert_true (g_file_set_contents (path, "{\"tpdiff\": 1, oops", -1, NULL));
  text = run_tpdiff ("inspect", path, NULL);
  g_assert_cmpint (text->status, ==, FAILED);
  g_assert_nonnull (strstr (text->err, "damaged.json"));
  json = run_tpdiff ("inspect", "--json", path, NULL);
  report = parse_output (json);
  g_assert_cmpstr (json_object_get_string_member (report, "record"), ==, "{\"tpdiff\": 1, oops");
}

static void
test_nothing (void)
{
  g_autofree char *png = in_folder ("plain.png");
  static const char bytes[] = "\x89PNG\r\n\x1a\n";
  g_autofree char *out = in_folder ("never.png");
  g_autoptr (Result) text = NULL;
  g_autoptr (Result) again = NULL;
  g_autoptr (Result) missing = run_tpdiff ("generate", "--from", "/nonexistent.mkv", out, NULL);

  g_assert_true (g_file_set_contents (png, bytes, sizeof bytes - 1, NULL));
  text = run_tpdiff ("inspect", png, NULL);
  again = run_tpdiff ("generate", "--from", png, out, NULL);
  g_assert_cmpint (text->status, ==, 0);
  g_assert_nonnull (strstr (text->out, "no settings record"));
  assert_refused (again, FAILED, "plain.png");
  assert_refused (missing, FAILED, "/nonexistent.mkv: there is no such file");
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_test_add_func ("/cli/record/again", test_again);
  g_test_add_func ("/cli/record/inspect", test_inspect);
  g_test_add_func ("/cli/record/refused", test_refused);
  g_test_add_func ("/cli/record/inspect-damaged", test_inspect_damaged);
  g_test_add_func ("/cli/record/nothing", test_nothing);
  status = g_test_run ();
  tree_remove (folder);
  g_free (folder);
  return status;
}
