/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "tpd-error.h"

G_BEGIN_DECLS

/* The whole file, mapped into memory. TPD_ERROR_NOT_FOUND when there is none; else TPD_ERROR_FAILED
 * says why it cannot be read. */
GBytes *tpd_file_map (const char *path, GError **error);

/* A file on its way. It is written under a temporary name in the same folder and takes its place
 * only when it is complete and on the disk: whatever happens before, a full disk or a crash, an old
 * file stays as it was. Pipes and devices such as /dev/stdout are written directly.
 *
 * Errors are G_IO_ERROR: "PATH: No space left on device". */
typedef struct _TpdFileWriter TpdFileWriter;

/* The folder must exist. */
TpdFileWriter *tpd_file_writer_open (const char *path, GError **error);

gboolean tpd_file_writer_write (TpdFileWriter *self, gconstpointer data, gsize n_bytes,
                                GError **error);

/* Where the next write goes, in bytes from the start; not for pipes. */
gboolean tpd_file_writer_seek (TpdFileWriter *self, guint64 offset, GError **error);

/* Makes the file appear. Write nothing after it. */
gboolean tpd_file_writer_commit (TpdFileWriter *self, GError **error);

/* Without a commit, nothing remains of the file. */
void tpd_file_writer_free (TpdFileWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdFileWriter, tpd_file_writer_free)

/* All of the above for a file that is a piece of text. */
gboolean tpd_file_write_text (const char *path, const char *text, GError **error);

/* The beginning of the temporary names for `name`: what a killed process may have left behind. */
char *tpd_file_temporary_prefix (const char *name);

G_END_DECLS
