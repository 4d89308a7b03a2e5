/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-clip.h"
#include "tpda-library-item.h"

G_BEGIN_DECLS

/* Every clip that was made, on the disk. A clip's file is complete before the library knows of it,
 * so whatever happens, at most the clip under way is lost. Pixels are read and written in threads;
 * the library itself belongs to the main one.
 *
 * Emits `failed` (string) when a clip could not be kept or the library could not be opened, and
 * `ready` when what was there before has been read. */
#define TPDA_TYPE_LIBRARY (tpda_library_get_type ())
G_DECLARE_FINAL_TYPE (TpdaLibrary, tpda_library, TPDA, LIBRARY, GObject)

/* Opens the library in a folder, which is made if need be. */
TpdaLibrary *tpda_library_new (const char *folder);

/* Waits for clips that are being written, and removes for good what was removed: when the program
 * ends. Nothing may be added afterwards. */
void tpda_library_close (TpdaLibrary *self);

gboolean tpda_library_is_ready (TpdaLibrary *self);

/* TpdaLibraryItem, newest first; empty until ready. Borrowed. */
GListModel *tpda_library_get_items (TpdaLibrary *self);

/* Keeps a clip that has a record. It appears among the items when it is on the disk. */
void tpda_library_add (TpdaLibrary *self, TpdaClip *clip);

/* Reads a clip's pixels; errors as of tpda_clip_file_read(). */
void tpda_library_load_async (TpdaLibrary *self, TpdaLibraryItem *item, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data);
TpdaClip *tpda_library_load_finish (GAsyncResult *result, GError **error);

/* The path of an item's small picture. */
char *tpda_library_get_thumbnail (TpdaLibrary *self, TpdaLibraryItem *item);

/* G_IO_ERROR if this cannot be written. */
gboolean tpda_library_set_favourite (TpdaLibrary *self, TpdaLibraryItem *item, gboolean favourite,
                                     GError **error);

/* Takes an item off the list. Its files stay: a crash brings it back, and so does restoring it,
 * until it is purged. */
void tpda_library_remove (TpdaLibrary *self, TpdaLibraryItem *item);

/* Both do nothing if the item is not removed. */
void tpda_library_restore (TpdaLibrary *self, TpdaLibraryItem *item);
void tpda_library_purge (TpdaLibrary *self, TpdaLibraryItem *item);

G_END_DECLS
