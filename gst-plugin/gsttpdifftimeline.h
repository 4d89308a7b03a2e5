/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/* Which frame of a stream is shown when: frame `first` from `origin` on, those after it by the
 * frame rate, exact to the nanosecond however far they are. */
typedef struct
{
  gint fps_n;
  gint fps_d;
  guint64 first;
  GstClockTime origin;
} GstTpdiffTimeline;

/* From the beginning of the stream. The rate may be unknown, 0/1; then nothing else may be asked.
 */
void gst_tpdiff_timeline_init (GstTpdiffTimeline *self, gint fps_n, gint fps_d);

/* Frame n and those after it follow at another rate; it begins when it would have before. */
void gst_tpdiff_timeline_set_rate (GstTpdiffTimeline *self, guint64 n, gint fps_n, gint fps_d);

/* When frame n begins. */
GstClockTime gst_tpdiff_timeline_time_of (const GstTpdiffTimeline *self, guint64 n);

/* The frame that is shown at a time, which is not before the origin. */
guint64 gst_tpdiff_timeline_frame_at (const GstTpdiffTimeline *self, GstClockTime time);

/* Writes frame n's times and offsets into its buffer. */
void gst_tpdiff_timeline_stamp (const GstTpdiffTimeline *self, guint64 n, GstBuffer *buffer);

G_END_DECLS
