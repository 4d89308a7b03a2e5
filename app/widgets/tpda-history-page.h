/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-library.h"

G_BEGIN_DECLS

/* Everything in the library as a grid, narrowed by a search or to favourites, and one clip of it
 * beside the grid, or over it in narrow windows.
 *
 * Emits `use-settings` (TpdaLibraryItem), `exported` (path), `removed` (TpdaLibraryItem, which can
 * be restored), and `failed` (string). */
#define TPDA_TYPE_HISTORY_PAGE (tpda_history_page_get_type ())
G_DECLARE_FINAL_TYPE (TpdaHistoryPage, tpda_history_page, TPDA, HISTORY_PAGE, AdwBin)

void tpda_history_page_set_up (TpdaHistoryPage *self, TpdaLibrary *library, GSettings *settings);

G_END_DECLS
