/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsttpdiffgenerator.h"

G_BEGIN_DECLS

/* The clips that a live source has begun to make before they are due: a queue, oldest first.
 * Belongs to the streaming thread. */
typedef struct
{
  GstTpdiffGenerator *generator; /* borrowed */
  GQueue clips;
} GstTpdiffAhead;

void gst_tpdiff_ahead_init (GstTpdiffAhead *self, GstTpdiffGenerator *generator);

/* Gives all of them up. */
void gst_tpdiff_ahead_clear (GstTpdiffAhead *self);

/* Begins another clip, unless flushing. */
GstFlowReturn gst_tpdiff_ahead_begin (GstTpdiffAhead *self, const TpdRequest *request);

/* Looks what has become of them, which posts messages: GST_FLOW_OK; GST_FLOW_FLUSHING or
 * GST_FLOW_ERROR if one will not come. The same having waited for the oldest. */
GstFlowReturn gst_tpdiff_ahead_look (GstTpdiffAhead *self);
GstFlowReturn gst_tpdiff_ahead_wait (GstTpdiffAhead *self);

/* Takes out the oldest and what it was made from, if it is made. */
TpdClip *gst_tpdiff_ahead_take (GstTpdiffAhead *self, TpdRequest **request);

G_END_DECLS
