/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-library-item.h"

G_BEGIN_DECLS

/* The table of a library's clips, in SQLite. All of it is in files, too, so an index that is
 * damaged is thrown away, and one that cannot be written is kept in memory; who opens it adds what
 * is missing. One thread at a time. Errors are G_IO_ERROR. */
typedef struct _TpdaLibraryIndex TpdaLibraryIndex;

/* Reads all of it once to see that it is whole. */
TpdaLibraryIndex *tpda_library_index_open (const char *path, GError **error);
void tpda_library_index_free (TpdaLibraryIndex *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdaLibraryIndex, tpda_library_index_free)

/* TpdaLibraryItem, in no order. */
GPtrArray *tpda_library_index_list (TpdaLibraryIndex *self, GError **error);

/* Each of these is a statement that does not wait for the disk. */
gboolean tpda_library_index_add (TpdaLibraryIndex *self, TpdaLibraryItem *item, GError **error);
gboolean tpda_library_index_remove (TpdaLibraryIndex *self, const char *id, GError **error);
gboolean tpda_library_index_set_favourite (TpdaLibraryIndex *self, const char *id,
                                           gboolean favourite, GError **error);

G_END_DECLS
