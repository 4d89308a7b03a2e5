/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-error.h"

G_BEGIN_DECLS

/**
 * tpd_record_set_series: (skip)
 * @record: a settings record
 * @clip: which clip of a stream it is of; the first one is 1
 * @first: from which one on, up to @clip,
 * @last: and up to which one after it, clips are alike but for the seed, which counts up
 *
 * Writes into a settings record where its clip stands in a stream of several: few files keep more
 * than one record, MP4 the first, Matroska the last, and from one the others follow. 1 ≤ @first ≤
 * @clip ≤ @last.
 *
 * Returns: (transfer full): the record with `"series": {"clip": …, "first": …, "last": …}`
 */
TPD_API char *tpd_record_set_series (const char *record, gint64 clip, gint64 first, gint64 last);

/**
 * tpd_record_join:
 * @records: (array zero-terminated=1): settings records of the clips of a film, each with its place
 *   in the series
 *
 * What a container that keeps one text of each kind can keep of a film whose clips do not follow
 * from each other. tpd_record_series_new() takes it apart.
 *
 * Returns: (transfer full): one record: `{"tpdiff": 1, "film": […]}`
 */
TPD_API char *tpd_record_join (const char *const *records);

/* The clips that the records in a file are of: those that a record is there of, and those that
 * follow from one of them. Records that say nothing of a series are counted as they come. */
typedef struct _TpdRecordSeries TpdRecordSeries;

TPD_API TpdRecordSeries *tpd_record_series_new (const char *const *records);
TPD_API void tpd_record_series_free (TpdRecordSeries *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdRecordSeries, tpd_record_series_free)

/* The lowest and the highest number of a clip; 0 if there is none. Numbers in between may be
 * missing, and a file may say that they are many. */
TPD_API gint64 tpd_record_series_get_first (const TpdRecordSeries *self);
TPD_API gint64 tpd_record_series_get_last (const TpdRecordSeries *self);

/* (transfer full) (nullable): the record of a clip; NULL if none makes it */
TPD_API char *tpd_record_series_dup_record (const TpdRecordSeries *self, gint64 clip);

G_END_DECLS
