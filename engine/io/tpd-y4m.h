/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-error.h"

G_BEGIN_DECLS

/**
 * TpdY4mWriter: (skip)
 *
 * Writes uncompressed video that ffmpeg, mpv, x264 and others read: YUV4MPEG2 with 4:2:0 chroma,
 * BT.709, limited range (see tpd_rgb_to_i420()). Until the commit an old file of that name stays
 * as it is; to a pipe frames go as they come.
 */
typedef struct _TpdY4mWriter TpdY4mWriter;

/** tpd_y4m_writer_open: (skip) @rate_n / @rate_d: frames per second; %G_IO_ERROR */
TPD_API TpdY4mWriter *tpd_y4m_writer_open (const char *path, guint width, guint height,
                                           guint rate_n, guint rate_d, GError **error);

/** tpd_y4m_writer_write: (skip) the next frame, [height, width, 3] */
TPD_API gboolean tpd_y4m_writer_write (TpdY4mWriter *self, const guint8 *rgb, GError **error);

/** tpd_y4m_writer_commit: (skip) makes the file appear */
TPD_API gboolean tpd_y4m_writer_commit (TpdY4mWriter *self, GError **error);

/** tpd_y4m_writer_free: (skip) without a commit, nothing remains of the file */
TPD_API void tpd_y4m_writer_free (TpdY4mWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdY4mWriter, tpd_y4m_writer_free)

G_END_DECLS
