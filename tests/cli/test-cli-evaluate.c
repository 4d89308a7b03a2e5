/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run.h"

#include <glib/gstdio.h>
#include <string.h>

/* Exit codes. */
#define FAILED 1
#define USAGE  2

static const char *
model (void)
{
  return g_getenv ("TPDIFF_TEST_MODEL");
}

/* ── evaluate ── */

static JsonObject *
get_trial (JsonObject *report, const char *name)
{
  return json_object_get_object_member (json_object_get_object_member (report, "trials"), name);
}

/* The dataset's prompts have words that the tiny model's vocabulary lacks: they are named, once. */
static void
take_warning (Result *result)
{
  g_assert_true (g_str_has_prefix (result->err, "tpdiff evaluate: the model does not know: "));
  g_assert_nonnull (strstr (result->err, ", right"));
  g_assert_true (strchr (result->err, '\n') == result->err + strlen (result->err) - 1);
  *result->err = '\0';
}

/* The judge knows real clips from others, and says that what stands still does not move. */
static void
test_evaluate (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_autofree char *sheet = g_build_filename (folder, "sheet.png", NULL);
  g_autoptr (Result) result =
      run_tpdiff ("evaluate", "--json", "--model", model (), "--clips", "5", "--batch", "3",
                  "--sheet", sheet, "--num-frames", "16", NULL);
  g_autoptr (JsonObject) report = NULL;
  g_autoptr (GList) motions = NULL;
  JsonObject *real, *frozen;

  take_warning (result);
  report = parse_output (result);
  real = get_trial (report, "real");
  frozen = json_object_get_object_member (get_trial (report, "frozen"), "by_motion");
  motions = json_object_get_members (frozen);
  g_assert_cmpint (json_object_get_int_member (report, "clips"), ==, 5);
  g_assert_cmpfloat (json_object_get_double_member (report, "seconds_per_clip"), >, 0);
  g_assert_cmpint (json_object_get_int_member (real, "clips"), ==, 5);
  g_assert_cmpfloat (json_object_get_double_member (real, "color"), >=, 0.8);
  g_assert_cmpfloat (json_object_get_double_member (real, "flicker_ratio"), ==, 1);
  g_assert_cmpfloat (json_object_get_double_member (get_trial (report, "frozen"), "flicker_ratio"),
                     ==, 0);
  for (GList *motion = motions; motion != NULL; motion = motion->next)
    if (strstr (motion->data, "still") == NULL)
      g_assert_cmpfloat (json_object_get_double_member (frozen, motion->data), ==, 0);
  for (const char *const *name = (const char *const[]){"generated", "decoded", "shuffled", NULL};
       *name != NULL; name++)
    g_assert_nonnull (get_trial (report, *name));
  g_assert_cmpint (g_remove (sheet), ==, 0);
  g_rmdir (folder);
}

/* The same whatever is made at a time, and for a vanilla denoiser too. */
static void
test_evaluate_repeats (void)
{
  g_autoptr (Result) table =
      run_tpdiff ("evaluate", "--model", model (), "--clips", "2", "--stages", "1", NULL);
  g_autoptr (Result) one =
      run_tpdiff ("evaluate", "--json", "--model", model (), "--clips", "3", "--batch", "1", NULL);
  g_autoptr (Result) three =
      run_tpdiff ("evaluate", "--json", "--model", model (), "--clips", "3", "--batch", "3", NULL);
  g_autoptr (JsonObject) report = NULL, other = NULL;

  take_warning (one);
  take_warning (three);
  report = parse_output (one);
  other = parse_output (three);
  g_assert_cmpint (table->status, ==, 0);
  g_assert_nonnull (strstr (table->out, "generated"));
  g_assert_true (json_object_equal (get_trial (report, "decoded"), get_trial (other, "decoded")));
  g_assert_cmpfloat (json_object_get_double_member (get_trial (report, "generated"), "color"), ==,
                     json_object_get_double_member (get_trial (other, "generated"), "color"));
}

static void
test_evaluate_usage (void)
{
  g_autoptr (Result) prompt = run_tpdiff ("evaluate", "--prompt", "a cat", NULL);
  g_autoptr (Result) clips = run_tpdiff ("evaluate", "--clips", "1", NULL);
  g_autoptr (Result) split = run_tpdiff ("evaluate", "--split", "test", NULL);
  g_autoptr (Result) frames =
      run_tpdiff ("evaluate", "--model", model (), "--stages", "1", "--num-frames", "2", NULL);

  assert_refused (prompt, USAGE, "\"a cat\"");
  assert_refused (clips, USAGE, "got 1");
  assert_refused (split, USAGE, "\"test\"");
  assert_refused (frames, FAILED, "not of 2");
}

/* ── bench ── */

static gint64
count_steps (JsonObject *contestant)
{
  JsonArray *stages = json_object_get_array_member (contestant, "stages");
  gint64 steps = 0;

  for (guint i = 0; i < json_array_get_length (stages); i++)
    steps += json_object_get_int_member (json_array_get_object_element (stages, i), "steps");
  return steps;
}

static void
test_bench (void)
{
  g_autoptr (Result) result = run_tpdiff ("bench", "--json", "--model", model (), "--repeat", "2",
                                          "--stage-steps", "2,1,4", NULL);
  g_autoptr (JsonObject) report = parse_output (result);
  JsonObject *pyramid = json_object_get_object_member (report, "pyramid");
  JsonObject *vanilla = json_object_get_object_member (report, "vanilla");
  JsonArray *stages = json_object_get_array_member (pyramid, "stages");
  const gint64 frames[] = {2, 4, 8}, steps[] = {2, 1, 4};

  g_assert_cmpint (json_object_get_int_member (report, "steps"), ==, 7);
  g_assert_cmpint (count_steps (pyramid), ==, 7);
  g_assert_cmpint (count_steps (vanilla), ==, 7);
  g_assert_cmpuint (json_array_get_length (stages), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      JsonObject *stage = json_array_get_object_element (stages, i);

      g_assert_cmpint (json_object_get_int_member (stage, "frames"), ==, frames[i]);
      g_assert_cmpint (json_object_get_int_member (stage, "steps"), ==, steps[i]);
      g_assert_cmpfloat (json_object_get_double_member (stage, "step_seconds"), >, 0);
    }
  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (vanilla, "clip_seconds_each")), ==, 2);
  g_assert_cmpfloat (json_object_get_double_member (report, "speedup"), >, 0);
  g_assert_cmpint (json_object_get_int_member (report, "peak_tensor_bytes"), >, 0);
  g_assert_cmpint (json_object_get_int_member (report, "peak_rss_bytes"), >,
                   json_object_get_int_member (report, "peak_tensor_bytes"));
}

static void
test_bench_usage (void)
{
  g_autoptr (Result) repeat = run_tpdiff ("bench", "--repeat", "0", NULL);
  g_autoptr (Result) one = run_tpdiff ("bench", "--model", model (), "--stages", "1", NULL);

  assert_refused (repeat, USAGE, "--repeat is 0");
  assert_refused (one, FAILED, "nothing to compare");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/evaluate", test_evaluate);
  g_test_add_func ("/cli/evaluate/repeats", test_evaluate_repeats);
  g_test_add_func ("/cli/evaluate/usage", test_evaluate_usage);
  g_test_add_func ("/cli/bench", test_bench);
  g_test_add_func ("/cli/bench/usage", test_bench_usage);
  return g_test_run ();
}
