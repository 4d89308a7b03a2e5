/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "io/tpd-model-info.h"

G_BEGIN_DECLS

/* Full-range RGB of BT.709's transfer and primaries: GStreamer's notation. */
#define GST_TPDIFF_RGB_COLORIMETRY "1:1:5:1"

/* What generated video can be. I420 first: encoders take it. The colours are what they are, so caps
 * that ask for others find no match, and videoconvert's help. */
#define GST_TPDIFF_SIZE                                                                            \
  "width = (int) [ 1, max ], height = (int) [ 1, max ], pixel-aspect-ratio = (fraction) 1/1, "     \
  "interlace-mode = (string) progressive"

/* With a slowest rate of 0/1 the rate may vary. */
#define GST_TPDIFF_VIDEO_CAPS_FROM(slowest)                                                        \
  "video/x-raw, format = (string) I420, colorimetry = (string) bt709, "                            \
  "chroma-site = (string) jpeg, " GST_TPDIFF_SIZE ", framerate = (fraction) [ " slowest            \
  ", 1000/1 ]; "                                                                                   \
  "video/x-raw, format = (string) RGB, colorimetry = (string) "                                    \
  "{ " GST_TPDIFF_RGB_COLORIMETRY ", sRGB }, " GST_TPDIFF_SIZE                                     \
  ", framerate = (fraction) [ " slowest ", 1000/1 ]"

#define GST_TPDIFF_VIDEO_CAPS GST_TPDIFF_VIDEO_CAPS_FROM ("1/1000")

/* Template caps narrowed to the model's size, at any rate; as they are while the model is NULL,
 * that is, unknown. Takes caps. */
GstCaps *gst_tpdiff_caps_of_model (GstCaps *caps, const TpdModelInfo *model);

/* The first of caps, at the rate nearest to the model's own. What else is open is left to the
 * caller. Takes caps. */
GstCaps *gst_tpdiff_fixate_rate (GstCaps *caps, const TpdModelInfo *model);

/* Posts the error that downstream does not take what the model makes. */
void gst_tpdiff_post_not_negotiated (GstElement *element, const TpdModelInfo *model);

G_END_DECLS
