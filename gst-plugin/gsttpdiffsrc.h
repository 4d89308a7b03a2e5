/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstpushsrc.h>

G_BEGIN_DECLS

#define GST_TYPE_TPDIFF_SRC (gst_tpdiff_src_get_type ())
G_DECLARE_FINAL_TYPE (GstTpdiffSrc, gst_tpdiff_src, GST, TPDIFF_SRC, GstPushSrc)

GST_ELEMENT_REGISTER_DECLARE (tpdiffsrc)

G_END_DECLS
