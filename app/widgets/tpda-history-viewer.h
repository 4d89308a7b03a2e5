/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-library.h"

G_BEGIN_DECLS

/* A clip of the library in the player, and what can be done with it.
 *
 * Emits `use-settings` (TpdaLibraryItem) and `remove` (TpdaLibraryItem) when the user asks for
 * that, `exported` (path) when a clip was, and `close`. */
#define TPDA_TYPE_HISTORY_VIEWER (tpda_history_viewer_get_type ())
G_DECLARE_FINAL_TYPE (TpdaHistoryViewer, tpda_history_viewer, TPDA, HISTORY_VIEWER, AdwBin)

void tpda_history_viewer_set_up (TpdaHistoryViewer *self, TpdaLibrary *library,
                                 GSettings *settings);

/* Reads the clip and plays it; NULL for none. */
void tpda_history_viewer_set_item (TpdaHistoryViewer *self, TpdaLibraryItem *item);

/* Borrowed. */
TpdaLibraryItem *tpda_history_viewer_get_item (TpdaHistoryViewer *self);

G_END_DECLS
