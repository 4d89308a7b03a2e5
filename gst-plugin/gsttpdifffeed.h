/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "tpd-clip.h"

G_BEGIN_DECLS

/* The frames that come in at a pad, for a second thread that wants to know what is on screen at
 * given moments, in running time. It keeps few frames, at the size in which they are wanted: while
 * nobody waits it lets GST_TPDIFF_FEED_FRAMES in and blocks; while somebody waits, only those that
 * are on screen at a wanted moment stay. Thread-safe; reference-counted. */
typedef struct _GstTpdiffFeed GstTpdiffFeed;

#define GST_TPDIFF_FEED_FRAMES 32

/* n moments, in the middle of n equal parts of [start, start + duration), running time. */
typedef struct
{
  GstClockTime start;
  GstClockTime duration;
  guint n;
} GstTpdiffMoments;

GstTpdiffFeed *gst_tpdiff_feed_new (void);
GstTpdiffFeed *gst_tpdiff_feed_ref (GstTpdiffFeed *self);
void gst_tpdiff_feed_unref (GstTpdiffFeed *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstTpdiffFeed, gst_tpdiff_feed_unref)

/* ── the pad's thread ── */

/* An event of the pad: caps, segment, gap, eos. Borrowed. FALSE for caps that it
 * does not understand. */
gboolean gst_tpdiff_feed_event (GstTpdiffFeed *self, GstEvent *event);

/* An RGB frame, brought to that size. Blocks while there are enough. Borrowed. */
GstFlowReturn gst_tpdiff_feed_push (GstTpdiffFeed *self, GstBuffer *buffer, guint width,
                                    guint height);

/* From any thread: between TRUE and FALSE pushing returns GST_FLOW_FLUSHING; with FALSE it starts
 * afresh. */
void gst_tpdiff_feed_set_flushing (GstTpdiffFeed *self, gboolean flushing);

/* ── the other thread ── */

/* Waits until what is on screen at the moments is known. On GST_FLOW_OK *clip is those frames; the
 * last frame stays on screen after the stream's end, the first one is there before its beginning,
 * and without any, *clip is NULL. GST_FLOW_FLUSHING if released. */
GstFlowReturn gst_tpdiff_feed_take (GstTpdiffFeed *self, const GstTpdiffMoments *moments,
                                    TpdClip **clip);

/* From any thread: between TRUE and FALSE, taking returns at once. */
void gst_tpdiff_feed_set_released (GstTpdiffFeed *self, gboolean released);

/* From any thread: TRUE when nothing will be taken any more, so that pushing returns GST_FLOW_EOS
 * and does not block; FALSE when something will again. */
void gst_tpdiff_feed_set_done (GstTpdiffFeed *self, gboolean done);

G_END_DECLS
