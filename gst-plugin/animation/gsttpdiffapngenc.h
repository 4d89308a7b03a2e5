/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsttpdiffanimenc.h"

G_BEGIN_DECLS

#define GST_TYPE_TPDIFF_APNG_ENC (gst_tpdiff_apng_enc_get_type ())
G_DECLARE_FINAL_TYPE (GstTpdiffApngEnc, gst_tpdiff_apng_enc, GST, TPDIFF_APNG_ENC, GstTpdiffAnimEnc)

GST_ELEMENT_REGISTER_DECLARE (tpdiffapngenc)

G_END_DECLS
