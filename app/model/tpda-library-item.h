/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "tpd-request.h"

G_BEGIN_DECLS

/* A clip in the library: what it was made from, when, and whether somebody likes it (the property
 * `favourite`, which only the library sets). The pixels stay on the disk. */
#define TPDA_TYPE_LIBRARY_ITEM (tpda_library_item_get_type ())
G_DECLARE_FINAL_TYPE (TpdaLibraryItem, tpda_library_item, TPDA, LIBRARY_ITEM, GObject)

/* id: the name of its file without ".png". created: µs since 1970. record: its file's comment. */
TpdaLibraryItem *tpda_library_item_new (const char *id, gint64 created, const char *record,
                                        gboolean favourite);

const char *tpda_library_item_get_id (TpdaLibraryItem *self);
gint64 tpda_library_item_get_created (TpdaLibraryItem *self);
const char *tpda_library_item_get_record (TpdaLibraryItem *self);
gboolean tpda_library_item_get_favourite (TpdaLibraryItem *self);

/* NULL if the record is of a version of the future. Borrowed. */
const TpdRequest *tpda_library_item_get_request (TpdaLibraryItem *self);

/* "" if there is none. */
const char *tpda_library_item_get_prompt (TpdaLibraryItem *self);

/* Whether each word of a search is somewhere in the prompts, in whatever case. */
gboolean tpda_library_item_matches (TpdaLibraryItem *self, const char *search);

/* Newest first; a GCompareDataFunc. */
int tpda_library_item_compare (gconstpointer a, gconstpointer b, gpointer unused);

/* ── for the library ── */

void tpda_library_item_set_favourite (TpdaLibraryItem *self, gboolean favourite);

G_END_DECLS
