/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which clips the record of another one is right about. */

#include "../../gst-plugin/gsttpdiffseries.h"

#include "io/tpd-record-series.h"

/* The clips, from the first to the last, that follow from the record of clip i of n, counted from
 * 0, when it is shown with that seed and prompt. */
static void
assert_series (GstTpdiffSeries *series, guint64 i, guint n, guint64 seed, const char *prompt,
               gboolean varies, gint64 first, gint64 last)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdClip) clip = NULL;
  g_autoptr (TpdRecordSeries) clips = NULL;
  g_autofree char *record = NULL;

  request->prompt = g_strdup (prompt);
  g_object_set (request->settings, "seed", seed, NULL);
  clip = tpd_clip_new (1, 1, 1, 8, 1, g_bytes_new_static ("rgb", 3), tpd_request_to_json (request));
  record = gst_tpdiff_series_record (series, clip, request, i, n, varies);
  clips = tpd_record_series_new ((const char *const[]){record, NULL});
  g_assert_cmpint (tpd_record_series_get_first (clips), ==, first);
  g_assert_cmpint (tpd_record_series_get_last (clips), ==, last);
}

static void
test_counting (void)
{
  GstTpdiffSeries series = {NULL};

  assert_series (&series, 0, 3, 7, "red", FALSE, 1, 3);
  assert_series (&series, 1, 3, 8, "red", FALSE, 1, 3);
  gst_tpdiff_series_clear (&series);
  assert_series (&series, 0, 0, 7, "red", FALSE, 1, 1); /* without an end */
  assert_series (&series, 1, 0, 8, "red", FALSE, 1, 2);
  gst_tpdiff_series_clear (&series);
}

/* Of clips before a change the later records say nothing; a seed that jumps is a change, too. */
static void
test_changes (void)
{
  GstTpdiffSeries series = {NULL};

  assert_series (&series, 0, 9, 7, "red", FALSE, 1, 9);
  assert_series (&series, 2, 9, 9, "blue", FALSE, 3, 9);
  assert_series (&series, 3, 9, 10, "blue", FALSE, 3, 9);
  assert_series (&series, 4, 9, 50, "blue", FALSE, 5, 9);
  assert_series (&series, 1, 9, 47, "blue", FALSE, 2, 9); /* sought back */
  gst_tpdiff_series_clear (&series);
}

/* Under control every clip is for itself. One clip is no series. */
static void
test_alone (void)
{
  GstTpdiffSeries series = {NULL};

  assert_series (&series, 0, 9, 7, "red", TRUE, 1, 1);
  assert_series (&series, 4, 9, 11, "red", TRUE, 5, 5);
  gst_tpdiff_series_clear (&series);
  assert_series (&series, 0, 1, 7, "red", FALSE, 1, 1);
  g_assert_null (series.settings);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gst/series/counting", test_counting);
  g_test_add_func ("/gst/series/changes", test_changes);
  g_test_add_func ("/gst/series/alone", test_alone);
  return g_test_run ();
}
