/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-library-index.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

/* A commit is in the log when it returns; a loss of power may take the last ones, whose files are
 * read in again. */
#define SET_UP                                                                                     \
  "PRAGMA journal_mode = WAL;"                                                                     \
  "PRAGMA synchronous = NORMAL;"                                                                   \
  "CREATE TABLE IF NOT EXISTS clips (id TEXT PRIMARY KEY, created INTEGER NOT NULL,"               \
  " record TEXT NOT NULL, favourite INTEGER NOT NULL);"                                            \
  "PRAGMA user_version = 1;" /* shows that it can be written, too */

struct _TpdaLibraryIndex
{
  sqlite3 *database; /* owned */
};

static gboolean
fail (TpdaLibraryIndex *self, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The index of clips: %s",
               sqlite3_errmsg (self->database));
  return FALSE;
}

/* ── opening ── */

/* Whether what it says of itself is true; if not, sqlite3_errcode() may say nothing of it. */
static gboolean
is_whole (TpdaLibraryIndex *self)
{
  sqlite3_stmt *statement = NULL;
  gboolean whole = sqlite3_prepare_v2 (self->database, "PRAGMA quick_check", -1, &statement,
                                       NULL) == SQLITE_OK &&
                   sqlite3_step (statement) == SQLITE_ROW &&
                   g_strcmp0 ((const char *)sqlite3_column_text (statement, 0), "ok") == 0;

  sqlite3_finalize (statement);
  return whole;
}

/* NULL if it is damaged, cannot be read or cannot be written. */
static TpdaLibraryIndex *
open_file (const char *path, gboolean *damaged, GError **error)
{
  g_autoptr (TpdaLibraryIndex) self = g_new0 (TpdaLibraryIndex, 1);
  gboolean usable = sqlite3_open (path, &self->database) == SQLITE_OK &&
                    sqlite3_exec (self->database, SET_UP, NULL, NULL, NULL) == SQLITE_OK;
  int code = sqlite3_errcode (self->database);

  *damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || (usable && !is_whole (self));
  if (usable && !*damaged)
    return g_steal_pointer (&self);
  if (*damaged)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: is damaged", path);
  else
    fail (self, error);
  return NULL;
}

static void
remove_files (const char *path)
{
  static const char *const endings[] = {"", "-wal", "-shm", "-journal"};

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *file = g_strconcat (path, endings[i], NULL);

      g_unlink (file);
    }
}

TpdaLibraryIndex *
tpda_library_index_open (const char *path, GError **error)
{
  g_autoptr (GError) reason = NULL;
  gboolean damaged;
  TpdaLibraryIndex *self = open_file (path, &damaged, &reason);

  if (self == NULL)
    g_message ("%s", reason->message);
  if (self == NULL && damaged)
    {
      remove_files (path);
      self = open_file (path, &damaged, NULL);
    }
  return self != NULL ? self : open_file (":memory:", &damaged, error);
}

void
tpda_library_index_free (TpdaLibraryIndex *self)
{
  sqlite3_close (self->database);
  g_free (self);
}

/* ── statements ── */

#define INSERT "INSERT OR REPLACE INTO clips (id, created, record, favourite)"

GPtrArray *
tpda_library_index_list (TpdaLibraryIndex *self, GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  sqlite3_stmt *statement;
  int result;

  if (sqlite3_prepare_v2 (self->database, "SELECT id, created, record, favourite FROM clips", -1,
                          &statement, NULL) != SQLITE_OK)
    {
      fail (self, error);
      return NULL;
    }
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    g_ptr_array_add (items, tpda_library_item_new ((const char *)sqlite3_column_text (statement, 0),
                                                   sqlite3_column_int64 (statement, 1),
                                                   (const char *)sqlite3_column_text (statement, 2),
                                                   sqlite3_column_int (statement, 3) != 0));
  sqlite3_finalize (statement);
  if (result == SQLITE_DONE)
    return g_steal_pointer (&items);
  fail (self, error);
  return NULL;
}

/* Runs a statement about the clip ?1, with ?2 a number and ?3 a text where it has them. */
static gboolean
run (TpdaLibraryIndex *self, const char *sql, const char *id, gint64 number, const char *text,
     GError **error)
{
  sqlite3_stmt *statement;
  gboolean done;

  if (sqlite3_prepare_v2 (self->database, sql, -1, &statement, NULL) != SQLITE_OK)
    return fail (self, error);
  sqlite3_bind_text (statement, 1, id, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, number);
  sqlite3_bind_text (statement, 3, text, -1, SQLITE_STATIC);
  done = sqlite3_step (statement) == SQLITE_DONE || fail (self, error);
  sqlite3_finalize (statement);
  return done;
}

gboolean
tpda_library_index_add (TpdaLibraryIndex *self, TpdaLibraryItem *item, GError **error)
{
  return run (self,
              tpda_library_item_get_favourite (item) ? INSERT " VALUES (?1, ?2, ?3, 1)"
                                                     : INSERT " VALUES (?1, ?2, ?3, 0)",
              tpda_library_item_get_id (item), tpda_library_item_get_created (item),
              tpda_library_item_get_record (item), error);
}

gboolean
tpda_library_index_remove (TpdaLibraryIndex *self, const char *id, GError **error)
{
  return run (self, "DELETE FROM clips WHERE id = ?1", id, 0, NULL, error);
}

gboolean
tpda_library_index_set_favourite (TpdaLibraryIndex *self, const char *id, gboolean favourite,
                                  GError **error)
{
  return run (self, "UPDATE clips SET favourite = ?2 WHERE id = ?1", id, favourite, NULL, error);
}
