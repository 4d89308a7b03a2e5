/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/tpd-record-series.h"

#include <string.h>

#define RECORD(seed, series)                                                                       \
  "{\"tpdiff\":1,\"prompt\":\"red\",\"settings\":{\"seed\":" seed "}" series "}"
#define SERIES(clip, first, last)                                                                  \
  ",\"series\":{\"clip\":" clip ",\"first\":" first ",\"last\":" last "}"

static void
assert_clip (const TpdRecordSeries *series, gint64 clip, const char *expected)
{
  g_autofree char *record = tpd_record_series_dup_record (series, clip);

  g_assert_cmpstr (record, ==, expected);
}

static void
test_set (void)
{
  g_autofree char *record = tpd_record_set_series (RECORD ("7", ""), 2, 1, 3);
  g_autofree char *damaged = tpd_record_set_series ("{\"tpdiff\":1,", 2, 1, 3);

  g_assert_cmpstr (record, ==, RECORD ("7", SERIES ("2", "1", "3")));
  g_assert_cmpstr (damaged, ==, "{\"tpdiff\":1,");
}

/* From one record of the middle, those before and after it. Seeds wrap as the element's do. */
static void
test_follow (void)
{
  static const char *const one[] = {RECORD ("0", SERIES ("2", "1", "3")), NULL};
  g_autoptr (TpdRecordSeries) series = tpd_record_series_new (one);

  g_assert_cmpint (tpd_record_series_get_first (series), ==, 1);
  g_assert_cmpint (tpd_record_series_get_last (series), ==, 3);
  assert_clip (series, 0, NULL);
  assert_clip (series, 1, RECORD ("9223372036854775807", SERIES ("1", "1", "3")));
  assert_clip (series, 2, one[0]);
  assert_clip (series, 3, RECORD ("1", SERIES ("3", "1", "3")));
  assert_clip (series, 4, NULL);
}

/* Each of its own, or several series after a change of settings, with a clip between them that no
 * record is of. */
static void
test_several (void)
{
  static const char *const two[] = {RECORD ("7", SERIES ("1", "1", "1")),
                                    RECORD ("20", SERIES ("4", "3", "5")), NULL};
  g_autoptr (TpdRecordSeries) series = tpd_record_series_new (two);

  g_assert_cmpint (tpd_record_series_get_first (series), ==, 1);
  g_assert_cmpint (tpd_record_series_get_last (series), ==, 5);
  assert_clip (series, 1, two[0]);
  assert_clip (series, 2, NULL);
  assert_clip (series, 3, RECORD ("19", SERIES ("3", "3", "5")));
  assert_clip (series, 4, two[1]);
}

/* A film's record and that of one of its clips say the same. What is no record is left out. */
static void
test_film (void)
{
  static const char *const clips[] = {RECORD ("7", SERIES ("1", "1", "1")),
                                      RECORD ("9", SERIES ("2", "2", "2")), "{oops", NULL};
  g_autofree char *film = tpd_record_join (clips);
  const char *const both[] = {clips[0], film, NULL};
  static const char *const strange[] = {"{\"tpdiff\":1,\"film\":[7,[],{}]}", NULL};
  g_autoptr (TpdRecordSeries) series = tpd_record_series_new (both);
  g_autoptr (TpdRecordSeries) hostile = tpd_record_series_new (strange);

  g_assert_cmpint (tpd_record_series_get_last (series), ==, 2);
  assert_clip (series, 1, clips[0]);
  assert_clip (series, 2, clips[1]);
  g_assert_cmpint (tpd_record_series_get_last (hostile), ==, 1);
  assert_clip (hostile, 1, "{}");
}

/* Without a word about a series, or with nonsense, they are counted. */
static void
test_counted (void)
{
  static const char *const plain[] = {RECORD ("7", ""),
                                      RECORD ("8", SERIES ("2", "3", "1")),
                                      "{\"tpdiff\": oops",
                                      "{\"tpdiff\":1,\"series\":9}",
                                      RECORD ("9", SERIES ("\"x\"", "1", "1")),
                                      NULL};
  static const char *const none[] = {NULL};
  g_autoptr (TpdRecordSeries) series = tpd_record_series_new (plain);
  g_autoptr (TpdRecordSeries) empty = tpd_record_series_new (none);

  g_assert_cmpint (tpd_record_series_get_first (series), ==, 1);
  g_assert_cmpint (tpd_record_series_get_last (series), ==, 5);
  for (gint64 i = 0; i < 5; i++)
    assert_clip (series, i + 1, plain[i]);
  g_assert_cmpint (tpd_record_series_get_first (empty), ==, 0);
  g_assert_cmpint (tpd_record_series_get_last (empty), ==, 0);
  assert_clip (empty, 0, NULL);
}

/* Strangers' files: no end of clips, and settings that are none. */
static void
test_hostile (void)
{
  static const char *const strange[] = {
      "{\"tpdiff\":1,\"settings\":7" SERIES ("1", "1", "9223372036854775807") "}", NULL};
  g_autoptr (TpdRecordSeries) series = tpd_record_series_new (strange);

  g_assert_cmpint (tpd_record_series_get_last (series), ==, G_MAXINT64);
  assert_clip (series, 1, strange[0]);
  assert_clip (series, G_MAXINT64, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record-series/set", test_set);
  g_test_add_func ("/record-series/follow", test_follow);
  g_test_add_func ("/record-series/several", test_several);
  g_test_add_func ("/record-series/film", test_film);
  g_test_add_func ("/record-series/counted", test_counted);
  g_test_add_func ("/record-series/hostile", test_hostile);
  return g_test_run ();
}
