/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "tpda-clip.h"

G_BEGIN_DECLS

/* Shows one frame of a clip, as large as there is room for, or at a fixed zoom. */
#define TPDA_TYPE_CLIP_VIEW (tpda_clip_view_get_type ())
G_DECLARE_FINAL_TYPE (TpdaClipView, tpda_clip_view, TPDA, CLIP_VIEW, GtkWidget)

/* NULL shows nothing. The frame number is kept as far as the new clip has it. */
void tpda_clip_view_set_clip (TpdaClipView *self, TpdaClip *clip);
TpdaClip *tpda_clip_view_get_clip (TpdaClipView *self);

/* Whether this changes what is shown. */
gboolean tpda_clip_view_set_frame (TpdaClipView *self, guint frame);
guint tpda_clip_view_get_frame (TpdaClipView *self);

/* Whether pixels are squares, rather than blended into each other. */
void tpda_clip_view_set_pixels (TpdaClipView *self, gboolean pixels);

/* Screen pixels for one of the clip; 0 fits the clip to the widget. */
void tpda_clip_view_set_zoom (TpdaClipView *self, guint zoom);

/* Shows the frame of another view in the same place, beyond a divider that can be dragged. The
 * divider's value is its place from the start of the line, 0 to 1. NULL, NULL ends it; both are
 * borrowed until then. */
void tpda_clip_view_set_wipe (TpdaClipView *self, TpdaClipView *other, GtkAdjustment *divider);

G_END_DECLS
