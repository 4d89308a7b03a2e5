/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "tpda-stage.h"

G_BEGIN_DECLS

/* The frames of a stage along the time of the final clip: one cell for each final frame, and a
 * picture in those that the stage computes. Stages above each other thus show how the pyramid
 * fills up. A new estimate fades in.
 *
 * Emits `frame-activated` (uint) when a picture is clicked. */
#define TPDA_TYPE_FILMSTRIP (tpda_filmstrip_get_type ())
G_DECLARE_FINAL_TYPE (TpdaFilmstrip, tpda_filmstrip, TPDA, FILMSTRIP, GtkWidget)

/* Borrows nothing: keeps references. */
void tpda_filmstrip_set_stage (TpdaFilmstrip *self, TpdaStage *stage);

/* Marks the frame that is shown at a time in the clip, in seconds; negative marks none. */
void tpda_filmstrip_set_position (TpdaFilmstrip *self, double seconds);

G_END_DECLS
