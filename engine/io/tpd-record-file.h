/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-error.h"

G_BEGIN_DECLS

/* Of the records that this program writes and reads. */
#define TPD_RECORD_VERSION 1

/**
 * tpd_record_is_one: (skip)
 *
 * Returns: whether a text is a settings record (see tpd_request_to_json()), of any version and
 * perhaps damaged, rather than a remark of somebody's or JSON of something else
 */
TPD_API gboolean tpd_record_is_one (const char *text);

/**
 * tpd_record_file_read: (skip)
 * @path: (type filename): a file, of whatever origin
 * @records: (out) (transfer full): the settings records that it holds, one of each clip where there
 * are several and the format has room; empty if it holds none
 * @error: return location: %TPD_ERROR_NOT_FOUND if there is no such file, %TPD_ERROR_UNSUPPORTED if
 * it is of another kind
 *
 * Looks for settings records where pictures keep remarks: in the text chunks of a PNG, animated or
 * not, the comments of a GIF, the XMP packet of a WebP; or a file is just the record. Videos are
 * for GStreamer. A file that is damaged is read as far as it goes.
 *
 * Returns: whether the file is of one of these kinds
 */
TPD_API gboolean tpd_record_file_read (const char *path, GStrv *records, GError **error);

/** tpd_record_file_parse: (skip) the same from memory */
TPD_API gboolean tpd_record_file_parse (const guint8 *data, gsize n, GStrv *records);

G_END_DECLS
