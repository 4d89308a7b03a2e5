/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "tpd-clip.h"
#include "tpd-request.h"

G_BEGIN_DECLS

/* The clips of a stream since the settings were last changed: they are alike but for the seed,
 * which counts up, so that the record of each makes all of them. */
typedef struct
{
  char *settings; /* owned, nullable: of all of them, with the seed of clip 0 */
  guint64 first;  /* of them, counted from 0 */
} GstTpdiffSeries;

void gst_tpdiff_series_clear (GstTpdiffSeries *self);

/* What is written into files of clip i of n, n being 0 for no end; `varies`: settings are under
 * control and differ from clip to clip. (transfer full) */
char *gst_tpdiff_series_record (GstTpdiffSeries *self, const TpdClip *clip,
                                const TpdRequest *request, guint64 i, guint n, gboolean varies);

G_END_DECLS
