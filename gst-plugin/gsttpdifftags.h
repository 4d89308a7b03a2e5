/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "tpd-request.h"

G_BEGIN_DECLS

/* What a stream says of a clip: the prompt as title, and the full settings record, which makes it
 * again, as comment. */
GstTagList *gst_tpdiff_clip_tags (const char *record, const TpdRequest *request);

G_END_DECLS
