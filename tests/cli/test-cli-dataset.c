/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run.h"

#include <glib/gstdio.h>

#define USAGE 2 /* exit code */

/* As many captions as asked for, the same ones each time, and a picture. */
static void
test_captions (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_autofree char *sheet = g_build_filename (folder, "sheet.png", NULL);
  g_autoptr (Result) one = run_tpdiff ("dataset", "shapes", "--clips", "5", "--seed", "9", NULL);
  g_autoptr (Result) two =
      run_tpdiff ("dataset", "--clips", "5", "--seed", "9", "--out", sheet, NULL);
  g_auto (GStrv) lines = g_strsplit (one->out, "\n", -1);

  g_assert_cmpint (one->status, ==, 0);
  g_assert_cmpint (two->status, ==, 0);
  g_assert_cmpuint (g_strv_length (lines), ==, 5 + 1);
  for (guint i = 0; i < 5; i++)
    g_assert_true (g_str_has_prefix (lines[i], "a"));
  g_assert_cmpstr (one->out, ==, two->out);
  g_assert_cmpint (g_remove (sheet), ==, 0);
  g_rmdir (folder);
}

static void
test_vocabulary (void)
{
  static const char *const files[] = {"vocab.json", "merges.txt", "tokenizer_config.json"};
  g_autofree char *folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_autoptr (Result) result = run_tpdiff ("dataset", "--vocabulary", folder, NULL);

  g_assert_cmpint (result->status, ==, 0);
  g_assert_cmpstr (result->out, ==, "");
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i], NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_rmdir (folder);
}

static void
test_refusals (void)
{
  g_autoptr (Result) name = run_tpdiff ("dataset", "cats", NULL);
  g_autoptr (Result) clips = run_tpdiff ("dataset", "--clips", "0", NULL);
  g_autoptr (Result) split = run_tpdiff ("dataset", "--split", "both", NULL);

  assert_refused (name, USAGE, "There is no dataset \"cats\"");
  assert_refused (clips, USAGE, "1 to 1000 clips");
  assert_refused (split, USAGE, "expected train or held-out");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/dataset/captions", test_captions);
  g_test_add_func ("/cli/dataset/vocabulary", test_vocabulary);
  g_test_add_func ("/cli/dataset/refusals", test_refusals);
  return g_test_run ();
}
