/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffcaps.h"

GstCaps *
gst_tpdiff_caps_of_model (GstCaps *caps, const TpdModelInfo *model)
{
  if (model == NULL)
    return caps;
  caps = gst_caps_make_writable (caps);
  gst_caps_set_simple (caps, "width", G_TYPE_INT, (int)model->width, "height", G_TYPE_INT,
                       (int)model->height, NULL);
  return caps;
}

GstCaps *
gst_tpdiff_fixate_rate (GstCaps *caps, const TpdModelInfo *model)
{
  caps = gst_caps_truncate (gst_caps_make_writable (caps));
  gst_structure_fixate_field_nearest_fraction (gst_caps_get_structure (caps, 0), "framerate",
                                               (int)model->fps_n, (int)model->fps_d);
  return caps;
}

void
gst_tpdiff_post_not_negotiated (GstElement *element, const TpdModelInfo *model)
{
  GST_ELEMENT_ERROR (
      element, STREAM, FORMAT,
      ("The model makes clips of %u × %u pixels, and the next element does not take them as I420 "
       "or RGB with BT.709 colours",
       model->width, model->height),
      ("put videoconvertscale in between"));
}
