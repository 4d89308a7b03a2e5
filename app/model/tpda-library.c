/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-library.h"

#include "tpda-clip-file.h"
#include "tpda-library-folder.h"

struct _TpdaLibrary
{
  GObject parent_instance;

  /* owned */
  char *folder;
  TpdaLibraryIndex *index; /* NULL until ready, or if it cannot be opened */
  GListStore *items;
  GPtrArray *removed; /* not purged yet */
  GPtrArray *early;   /* TpdClip, added before the library was ready: its tidying up ends first */

  /* state */
  gboolean ready;
  guint pending; /* threads that write */
};

G_DEFINE_FINAL_TYPE (TpdaLibrary, tpda_library, G_TYPE_OBJECT)

enum
{
  READY,
  FAILED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ── opening ── */

typedef struct
{
  TpdaLibraryIndex *index;
  GPtrArray *items;
} Opened;

static void
opened_free (gpointer data)
{
  Opened *opened = data;

  g_clear_pointer (&opened->index, tpda_library_index_free);
  g_clear_pointer (&opened->items, g_ptr_array_unref);
  g_free (opened);
}

static void
open_in_thread (GTask *task, gpointer source, gpointer folder, GCancellable *cancellable)
{
  GError *error = NULL;
  Opened *opened = g_new0 (Opened, 1);

  opened->index = tpda_library_folder_open (folder, &opened->items, &error);
  if (opened->index != NULL)
    g_task_return_pointer (task, opened, opened_free);
  else
    {
      opened_free (opened);
      g_task_return_error (task, error);
    }
}

/* Enters an item; its row is less important than that it is seen. */
static void
enter (TpdaLibrary *self, TpdaLibraryItem *item)
{
  g_autoptr (GError) error = NULL;

  if (self->index != NULL && !tpda_library_index_add (self->index, item, &error))
    g_warning ("%s", error->message);
  g_list_store_insert_sorted (self->items, item, tpda_library_item_compare, NULL);
}

static void write_clip (TpdaLibrary *self, TpdClip *clip);

static void
on_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  TpdaLibrary *self = TPDA_LIBRARY (source);
  g_autoptr (GError) error = NULL;
  Opened *opened = g_task_propagate_pointer (G_TASK (result), &error);

  self->pending--;
  self->ready = TRUE;
  if (opened != NULL)
    {
      self->index = g_steal_pointer (&opened->index);
      g_list_store_splice (self->items, 0, 0, opened->items->pdata, opened->items->len);
      opened_free (opened);
    }
  else
    g_signal_emit (self, signals[FAILED], 0, error->message);
  for (guint i = 0; i < self->early->len; i++)
    write_clip (self, self->early->pdata[i]);
  g_ptr_array_set_size (self->early, 0);
  g_signal_emit (self, signals[READY], 0);
}

TpdaLibrary *
tpda_library_new (const char *folder)
{
  TpdaLibrary *self = g_object_new (TPDA_TYPE_LIBRARY, NULL);
  g_autoptr (GTask) task = g_task_new (self, NULL, on_opened, NULL);

  self->folder = g_strdup (folder);
  self->pending++;
  g_task_set_task_data (task, g_strdup (folder), g_free);
  g_task_run_in_thread (task, open_in_thread);
  return self;
}

void
tpda_library_close (TpdaLibrary *self)
{
  while (self->pending > 0)
    g_main_context_iteration (NULL, TRUE);
  while (self->removed->len > 0)
    tpda_library_purge (self, self->removed->pdata[0]);
}

gboolean
tpda_library_is_ready (TpdaLibrary *self)
{
  return self->ready;
}

GListModel *
tpda_library_get_items (TpdaLibrary *self)
{
  return G_LIST_MODEL (self->items);
}

/* ── adding ── */

static void
write_in_thread (GTask *task, gpointer source, gpointer clip, GCancellable *cancellable)
{
  GError *error = NULL;
  TpdaLibraryItem *item = tpda_library_folder_write (TPDA_LIBRARY (source)->folder, clip, &error);

  if (item != NULL)
    g_task_return_pointer (task, item, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer data)
{
  TpdaLibrary *self = TPDA_LIBRARY (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdaLibraryItem) item = g_task_propagate_pointer (G_TASK (result), &error);

  self->pending--;
  if (item == NULL)
    g_signal_emit (self, signals[FAILED], 0, error->message);
  else
    enter (self, item);
}

static void
write_clip (TpdaLibrary *self, TpdClip *clip)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_written, NULL);

  self->pending++;
  g_task_set_task_data (task, tpd_clip_ref (clip), (GDestroyNotify)tpd_clip_unref);
  g_task_run_in_thread (task, write_in_thread);
}

void
tpda_library_add (TpdaLibrary *self, TpdaClip *clip)
{
  TpdClip *data = (TpdClip *)tpda_clip_get_data (clip);

  g_return_if_fail (data->record != NULL);
  if (self->ready)
    write_clip (self, data);
  else
    g_ptr_array_add (self->early, tpd_clip_ref (data));
}

/* ── reading ── */

static void
load_in_thread (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  GError *error = NULL;
  TpdClip *clip = tpda_clip_file_read (path, &error);

  if (clip != NULL)
    g_task_return_pointer (task, clip, (GDestroyNotify)tpd_clip_unref);
  else
    g_task_return_error (task, error);
}

void
tpda_library_load_async (TpdaLibrary *self, TpdaLibraryItem *item, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  g_task_set_task_data (
      task, tpda_library_folder_clip_path (self->folder, tpda_library_item_get_id (item)), g_free);
  g_task_run_in_thread (task, load_in_thread);
}

TpdaClip *
tpda_library_load_finish (GAsyncResult *result, GError **error)
{
  TpdClip *clip = g_task_propagate_pointer (G_TASK (result), error);

  return clip != NULL ? tpda_clip_new (clip) : NULL;
}

char *
tpda_library_get_thumbnail (TpdaLibrary *self, TpdaLibraryItem *item)
{
  return tpda_library_folder_thumbnail_path (self->folder, tpda_library_item_get_id (item));
}

/* ── changing ── */

gboolean
tpda_library_set_favourite (TpdaLibrary *self, TpdaLibraryItem *item, gboolean favourite,
                            GError **error)
{
  const char *id = tpda_library_item_get_id (item);

  if (!tpda_library_folder_set_favourite (self->folder, id, favourite, error) ||
      (self->index != NULL &&
       !tpda_library_index_set_favourite (self->index, id, favourite, error)))
    return FALSE;
  tpda_library_item_set_favourite (item, favourite);
  return TRUE;
}

void
tpda_library_remove (TpdaLibrary *self, TpdaLibraryItem *item)
{
  guint position;

  if (!g_list_store_find (self->items, item, &position))
    return;
  g_ptr_array_add (self->removed, g_object_ref (item));
  g_list_store_remove (self->items, position);
}

void
tpda_library_restore (TpdaLibrary *self, TpdaLibraryItem *item)
{
  guint position;

  if (!g_ptr_array_find (self->removed, item, &position))
    return;
  g_list_store_insert_sorted (self->items, item, tpda_library_item_compare, NULL);
  g_ptr_array_remove_index (self->removed, position);
}

/* The files first: were it killed between, a row without files is dropped at the next start. */
void
tpda_library_purge (TpdaLibrary *self, TpdaLibraryItem *item)
{
  g_autoptr (GError) error = NULL;
  guint position;

  if (!g_ptr_array_find (self->removed, item, &position))
    return;
  tpda_library_folder_remove (self->folder, tpda_library_item_get_id (item));
  if (self->index != NULL &&
      !tpda_library_index_remove (self->index, tpda_library_item_get_id (item), &error))
    g_warning ("%s", error->message);
  g_ptr_array_remove_index (self->removed, position);
}

/* ── life cycle ── */

static void
tpda_library_dispose (GObject *object)
{
  TpdaLibrary *self = TPDA_LIBRARY (object);

  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->index, tpda_library_index_free);
  g_clear_object (&self->items);
  g_clear_pointer (&self->removed, g_ptr_array_unref);
  g_clear_pointer (&self->early, g_ptr_array_unref);
  G_OBJECT_CLASS (tpda_library_parent_class)->dispose (object);
}

static void
tpda_library_class_init (TpdaLibraryClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tpda_library_dispose;
  signals[READY] = g_signal_new ("ready", TPDA_TYPE_LIBRARY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", TPDA_TYPE_LIBRARY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
tpda_library_init (TpdaLibrary *self)
{
  self->items = g_list_store_new (TPDA_TYPE_LIBRARY_ITEM);
  self->removed = g_ptr_array_new_with_free_func (g_object_unref);
  self->early = g_ptr_array_new_with_free_func ((GDestroyNotify)tpd_clip_unref);
}
