/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_TPDIFF_GEN (gst_tpdiff_gen_get_type ())
G_DECLARE_FINAL_TYPE (GstTpdiffGen, gst_tpdiff_gen, GST, TPDIFF_GEN, GstElement)

GST_ELEMENT_REGISTER_DECLARE (tpdiffgen)

G_END_DECLS
