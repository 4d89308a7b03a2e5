/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "tpd-clip.h"

G_BEGIN_DECLS

/* Full-range RGB of BT.709's transfer and primaries: GStreamer's notation. */
#define GST_TPDIFF_RGB_COLORIMETRY "1:1:5:1"

/* Caps of a clip's own frames: RGB at its size and rate. */
GstCaps *gst_tpdiff_clip_caps (const TpdClip *clip);

/* Writes frame i of a clip into a mapped frame of the same size, RGB or I420, honouring its
 * strides. */
void gst_tpdiff_fill_frame (const TpdClip *clip, guint i, GstVideoFrame *frame);

/* All frames of a clip as one sample: a list of RGB buffers, each with pts and duration; the
 * sample's buffer is the first. For previews. */
GstSample *gst_tpdiff_clip_sample (const TpdClip *clip);

G_END_DECLS
