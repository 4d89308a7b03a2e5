/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsttpdiffanimenc.h"

G_BEGIN_DECLS

#define GST_TYPE_TPDIFF_GIF_ENC (gst_tpdiff_gif_enc_get_type ())
G_DECLARE_FINAL_TYPE (GstTpdiffGifEnc, gst_tpdiff_gif_enc, GST, TPDIFF_GIF_ENC, GstTpdiffAnimEnc)

GST_ELEMENT_REGISTER_DECLARE (tpdiffgifenc)

G_END_DECLS
