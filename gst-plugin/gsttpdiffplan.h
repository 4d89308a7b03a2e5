/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "io/tpd-model-info.h"

G_BEGIN_DECLS

/**
 * GstTpdiffFit:
 * @GST_TPDIFF_FIT_STRETCH: every frame once, slower or faster, until the cue ends
 * @GST_TPDIFF_FIT_LOOP: at the model's rate, over and over until the cue ends
 * @GST_TPDIFF_FIT_NATURAL: at the model's rate, once; cut where the cue ends, a gap where the clip
 *   does
 *
 * How a clip fills its cue.
 */
typedef enum
{
  GST_TPDIFF_FIT_STRETCH,
  GST_TPDIFF_FIT_LOOP,
  GST_TPDIFF_FIT_NATURAL,
} GstTpdiffFit;

#define GST_TYPE_TPDIFF_FIT (gst_tpdiff_fit_get_type ())
GType gst_tpdiff_fit_get_type (void);

/* Which frames of a clip are shown when. Buffers follow each other without a hole from `start` to
 * `start + duration`, exactly. */
typedef struct
{
  GstClockTime start;
  GstClockTime duration; /* of the whole */
  guint n_buffers;       /* at least 1 */

  /*< private >*/
  guint n_frames;
  gboolean stretch;
  int frame_n, frame_d;   /* frames of the clip a second, unless stretched */
  int buffer_n, buffer_d; /* buffers a second; 0/1 for one a frame */
} GstTpdiffPlan;

/* A plan for a clip of n_frames of this model in a cue.
 *
 * duration   of the cue; 0 or none: as long as the clip at the model's rate
 * rate       of the stream: 0/1 is variable, one buffer a frame; at a fixed rate a buffer shows the
 *            frame of its middle, so that frames are repeated or dropped */
void gst_tpdiff_plan_init (GstTpdiffPlan *self, GstTpdiffFit fit, GstClockTime start,
                           GstClockTime duration, const TpdModelInfo *model, guint n_frames,
                           const GstVideoInfo *rate);

/* A plan that shows one frame from start on. */
void gst_tpdiff_plan_init_still (GstTpdiffPlan *self, GstClockTime start, GstClockTime duration,
                                 const GstVideoInfo *rate);

/* When buffer i begins; for i = n_buffers, when the last one ends. */
GstClockTime gst_tpdiff_plan_time (const GstTpdiffPlan *self, guint i);

/* The frame that buffer i shows. */
guint gst_tpdiff_plan_frame (const GstTpdiffPlan *self, guint i);

G_END_DECLS
