/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-clip.h"
#include "tpd-request.h"

G_BEGIN_DECLS

/* The clips that were made last, kept so that going back to them costs nothing. A clip is found by
 * the whole request that made it, so what comes out never depends on what is kept. */
typedef struct
{
  GQueue clips; /* latest used first */
  guint size;   /* at most so many */
} GstTpdiffShelf;

/* An empty shelf for `size` clips; 0 keeps none. */
void gst_tpdiff_shelf_init (GstTpdiffShelf *self, guint size);
void gst_tpdiff_shelf_clear (GstTpdiffShelf *self);
void gst_tpdiff_shelf_set_size (GstTpdiffShelf *self, guint size);

/* The clip that this request made, or NULL. */
TpdClip *gst_tpdiff_shelf_find (GstTpdiffShelf *self, const TpdRequest *request);

/* Puts a clip there, and lets go of the one that was unused longest. */
void gst_tpdiff_shelf_put (GstTpdiffShelf *self, const TpdRequest *request, TpdClip *clip);

G_END_DECLS
