/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsttpdiffanimenc.h"

G_BEGIN_DECLS

#define GST_TYPE_TPDIFF_WEBP_ENC (gst_tpdiff_webp_enc_get_type ())
G_DECLARE_FINAL_TYPE (GstTpdiffWebpEnc, gst_tpdiff_webp_enc, GST, TPDIFF_WEBP_ENC, GstTpdiffAnimEnc)

GST_ELEMENT_REGISTER_DECLARE (tpdiffwebpenc)

G_END_DECLS
