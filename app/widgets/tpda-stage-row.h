/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "tpda-stage.h"

G_BEGIN_DECLS

/* A stage with its title, filmstrip, progress, times, and a button that replays it.
 *
 * Emits `replay` (double seconds; negative for "from where the player is"). */
#define TPDA_TYPE_STAGE_ROW (tpda_stage_row_get_type ())
G_DECLARE_FINAL_TYPE (TpdaStageRow, tpda_stage_row, TPDA, STAGE_ROW, GtkWidget)

/* fps is that of the final clip; n_stages is how many there are. */
GtkWidget *tpda_stage_row_new (TpdaStage *stage, guint n_stages, double fps);

TpdaStage *tpda_stage_row_get_stage (TpdaStageRow *self);

/* Whether the player shows this stage. */
void tpda_stage_row_set_selected (TpdaStageRow *self, gboolean selected);

/* Marks the frame at a time; see tpda_filmstrip_set_position(). */
void tpda_stage_row_set_position (TpdaStageRow *self, double seconds);

G_END_DECLS
