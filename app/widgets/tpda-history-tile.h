/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-library.h"

G_BEGIN_DECLS

/* A clip of the library in a grid: its picture, prompt, time and seed, and a star that makes it a
 * favourite.
 *
 * Emits `activate` when the picture is clicked, `star` (boolean) when the star is. */
#define TPDA_TYPE_HISTORY_TILE (tpda_history_tile_get_type ())
G_DECLARE_FINAL_TYPE (TpdaHistoryTile, tpda_history_tile, TPDA, HISTORY_TILE, AdwBin)

GtkWidget *tpda_history_tile_new (TpdaLibrary *library);

/* NULL for none. */
void tpda_history_tile_set_item (TpdaHistoryTile *self, TpdaLibraryItem *item);

/* Borrowed. */
TpdaLibraryItem *tpda_history_tile_get_item (TpdaHistoryTile *self);

/* What a person calls a clip: its prompt, or that there was none. */
char *tpda_history_title (TpdaLibraryItem *item);

/* "Today, 14:05 · seed 7" */
char *tpda_history_subtitle (TpdaLibraryItem *item);

G_END_DECLS
