/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-clip.h"
#include "tpda-library-index.h"

G_BEGIN_DECLS

/* The folder of a library: ID.png is a clip (tpda-clip-file.h), thumbnails/ID.png its picture,
 * favourites/ID is there if it is one, and index.sqlite is the table of them. Everything here but
 * favourites may take long: call it in a thread. */

char *tpda_library_folder_clip_path (const char *folder, const char *id);
char *tpda_library_folder_thumbnail_path (const char *folder, const char *id);

/* Opens the index and brings it and the folder together: clips without a row are read in, whoever
 * put them there, rows without a clip are dropped, a missing thumbnail is made again, and what a
 * killed process left half-written is removed. *items: TpdaLibraryItem, newest first. */
TpdaLibraryIndex *tpda_library_folder_open (const char *folder, GPtrArray **items, GError **error);

/* Writes a clip's files, the thumbnail being the lesser: that it cannot be written is no error. */
TpdaLibraryItem *tpda_library_folder_write (const char *folder, const TpdClip *clip,
                                            GError **error);

/* Makes or removes the empty file that says so: an index that is made anew finds it. G_IO_ERROR. */
gboolean tpda_library_folder_set_favourite (const char *folder, const char *id, gboolean favourite,
                                            GError **error);

/* Removes a clip's files. */
void tpda_library_folder_remove (const char *folder, const char *id);

G_END_DECLS
