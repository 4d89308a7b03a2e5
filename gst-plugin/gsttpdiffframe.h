/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "tpd-clip.h"

G_BEGIN_DECLS

/* Caps of a clip's own frames: RGB at its size and rate. */
GstCaps *gst_tpdiff_clip_caps (const TpdClip *clip);

/* Writes frame i of a clip into a buffer for video of the same size, RGB or I420, honouring its
 * strides. FALSE if the buffer is not for that, or cannot be written to. */
gboolean gst_tpdiff_fill_buffer (const TpdClip *clip, guint i, const GstVideoInfo *info,
                                 GstBuffer *buffer);

/* Frame i in a buffer of its own, laid out as info says, with pts, counted from the clip's
 * beginning, and duration. */
GstBuffer *gst_tpdiff_frame_buffer (const TpdClip *clip, guint i, const GstVideoInfo *info);

/* All frames of a clip as one sample: a list of RGB buffers, each with pts and duration; the
 * sample's buffer is the first. For previews. */
GstSample *gst_tpdiff_clip_sample (const TpdClip *clip);

G_END_DECLS
