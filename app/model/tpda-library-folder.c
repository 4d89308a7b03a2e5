/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-library-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>

#include "tpda-clip-file.h"

#define ENDING     ".png"
#define THUMBNAILS "thumbnails"
#define FAVOURITES "favourites"
#define INDEX      "index.sqlite"

static char *
path_of (const char *folder, const char *subfolder, const char *id)
{
  g_autofree char *name = g_strconcat (id, ENDING, NULL);

  return g_build_filename (folder, subfolder, name, NULL);
}

char *
tpda_library_folder_clip_path (const char *folder, const char *id)
{
  return path_of (folder, ".", id);
}

char *
tpda_library_folder_thumbnail_path (const char *folder, const char *id)
{
  return path_of (folder, THUMBNAILS, id);
}

static char *
favourite_path (const char *folder, const char *id)
{
  return g_build_filename (folder, FAVOURITES, id, NULL);
}

/* ── what is there ── */

/* The clips' names without ending; what was never finished, its name beginning with a dot, goes. */
static GHashTable *
list_ids (const char *folder)
{
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (*name == '.' && strstr (name, ENDING) != NULL)
      {
        g_autofree char *leftover = g_build_filename (folder, name, NULL);

        g_unlink (leftover);
      }
    else if (g_str_has_suffix (name, ENDING))
      g_hash_table_add (ids, g_strndup (name, strlen (name) - strlen (ENDING)));
  return ids;
}

static gint64
modified (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = g_file_query_info (
      file, G_FILE_ATTRIBUTE_TIME_MODIFIED "," G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC, 0, NULL, NULL);
  g_autoptr (GDateTime) time = info != NULL ? g_file_info_get_modification_date_time (info) : NULL;

  return time != NULL
             ? g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time)
             : 0;
}

/* NULL if the file is no clip. */
static TpdaLibraryItem *
read_in (const char *folder, const char *id)
{
  g_autofree char *path = tpda_library_folder_clip_path (folder, id);
  g_autofree char *record = tpda_clip_file_read_record (path, NULL);
  g_autofree char *favourite = favourite_path (folder, id);

  return record != NULL ? tpda_library_item_new (id, modified (path), record,
                                                 g_file_test (favourite, G_FILE_TEST_EXISTS))
                        : NULL;
}

static void
make_thumbnail_again (const char *folder, const char *id)
{
  g_autofree char *path = tpda_library_folder_clip_path (folder, id);
  g_autofree char *thumbnail = tpda_library_folder_thumbnail_path (folder, id);
  TpdClip *clip = tpda_clip_file_read (path, NULL);

  if (clip == NULL)
    return; /* damaged: who opens it is told */
  tpda_clip_file_write_thumbnail (clip, thumbnail, NULL);
  tpd_clip_unref (clip);
}

/* ── bringing it together ── */

/* Rows whose clip is there stay; `ids` loses them. */
static GPtrArray *
keep_rows (TpdaLibraryIndex *index, GHashTable *ids, GError **error)
{
  g_autoptr (GPtrArray) rows = tpda_library_index_list (index, error);
  GPtrArray *items;

  if (rows == NULL)
    return NULL;
  items = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < rows->len; i++)
    {
      const char *id = tpda_library_item_get_id (rows->pdata[i]);

      if (g_hash_table_remove (ids, id))
        g_ptr_array_add (items, g_object_ref (rows->pdata[i]));
      else
        tpda_library_index_remove (index, id, NULL);
    }
  return items;
}

static void
add_files (TpdaLibraryIndex *index, const char *folder, GHashTable *ids, GPtrArray *items)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, ids);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      TpdaLibraryItem *item = read_in (folder, id);

      if (item == NULL)
        continue;
      tpda_library_index_add (index, item, NULL);
      g_ptr_array_add (items, item);
    }
}

static void
match_thumbnails (const char *folder, GPtrArray *items)
{
  g_autofree char *subfolder = g_build_filename (folder, THUMBNAILS, NULL);
  g_autoptr (GHashTable) thumbnails = list_ids (subfolder);
  GHashTableIter iter;
  gpointer id;

  for (guint i = 0; i < items->len; i++)
    if (!g_hash_table_remove (thumbnails, tpda_library_item_get_id (items->pdata[i])))
      make_thumbnail_again (folder, tpda_library_item_get_id (items->pdata[i]));
  g_hash_table_iter_init (&iter, thumbnails);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      g_autofree char *path = tpda_library_folder_thumbnail_path (folder, id);

      g_unlink (path);
    }
}

static int
compare_items (gconstpointer a, gconstpointer b)
{
  return tpda_library_item_compare (*(gpointer *)a, *(gpointer *)b, NULL);
}

/* Of the last system call, about a path. */
static gboolean
fail (const char *path, GError **error)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, (int)g_io_error_from_errno (code), "%s: %s", path,
               g_strerror (code));
  return FALSE;
}

static gboolean
make_folder (const char *folder, GError **error)
{
  static const char *const subfolders[] = {THUMBNAILS, FAVOURITES};

  for (guint i = 0; i < G_N_ELEMENTS (subfolders); i++)
    {
      g_autofree char *path = g_build_filename (folder, subfolders[i], NULL);

      if (g_mkdir_with_parents (path, 0700) != 0)
        return fail (folder, error);
    }
  return TRUE;
}

TpdaLibraryIndex *
tpda_library_folder_open (const char *folder, GPtrArray **items, GError **error)
{
  g_autofree char *path = g_build_filename (folder, INDEX, NULL);
  g_autoptr (TpdaLibraryIndex) index = NULL;
  g_autoptr (GHashTable) ids = NULL;

  if (!make_folder (folder, error))
    return NULL;
  index = tpda_library_index_open (path, error);
  if (index == NULL)
    return NULL;
  ids = list_ids (folder);
  *items = keep_rows (index, ids, error);
  if (*items == NULL)
    return NULL;
  add_files (index, folder, ids, *items);
  match_thumbnails (folder, *items);
  g_ptr_array_sort (*items, compare_items);
  return g_steal_pointer (&index);
}

/* ── one clip ── */

static char *
new_id (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%d-%H%M%S");

  return g_strdup_printf ("%s-%08x", time, g_random_int ());
}

TpdaLibraryItem *
tpda_library_folder_write (const char *folder, const TpdClip *clip, GError **error)
{
  g_autofree char *id = new_id ();
  g_autofree char *path = tpda_library_folder_clip_path (folder, id);
  g_autofree char *thumbnail = tpda_library_folder_thumbnail_path (folder, id);
  g_autoptr (GError) unimportant = NULL;

  if (!make_folder (folder, error) || !tpda_clip_file_write (clip, path, error))
    return NULL;
  if (!tpda_clip_file_write_thumbnail (clip, thumbnail, &unimportant))
    g_message ("%s", unimportant->message);
  return read_in (folder, id);
}

gboolean
tpda_library_folder_set_favourite (const char *folder, const char *id, gboolean favourite,
                                   GError **error)
{
  g_autofree char *path = favourite_path (folder, id);
  int fd;

  if (!favourite)
    return g_unlink (path) == 0 || errno == ENOENT || fail (path, error);
  fd = g_open (path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  return fd < 0 ? fail (path, error) : g_close (fd, error);
}

void
tpda_library_folder_remove (const char *folder, const char *id)
{
  g_autofree char *path = tpda_library_folder_clip_path (folder, id);
  g_autofree char *thumbnail = tpda_library_folder_thumbnail_path (folder, id);
  g_autofree char *favourite = favourite_path (folder, id);

  g_unlink (path);
  g_unlink (thumbnail);
  g_unlink (favourite);
}
