/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-training-list.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#include "io/tpd-model-path.h"

struct _TpdaTrainingList
{
  GObject parent_instance;

  /* owned */
  char *folder;
  GPtrArray *trainings;
};

static void tpda_training_list_init_model (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TpdaTrainingList, tpda_training_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      tpda_training_list_init_model))

/* ── names ── */

static gboolean
is_taken (TpdaTrainingList *self, const char *name)
{
  g_autofree char *run = g_build_filename (self->folder, name, NULL);
  g_auto (GStrv) models = tpd_model_list ();

  return g_file_test (run, G_FILE_TEST_EXISTS) ||
         g_strv_contains ((const char *const *)models, name);
}

char *
tpda_training_list_suggest (TpdaTrainingList *self, const char *stem)
{
  g_autofree char *name = g_strdup (stem);

  for (guint number = 2; is_taken (self, name); number++)
    {
      g_free (name);
      name = g_strdup_printf ("%s-%u", stem, number);
    }
  return g_steal_pointer (&name);
}

static gboolean
check_name (TpdaTrainingList *self, const char *name, GError **error)
{
  if (*name == '\0' || *name == '.' || strchr (name, '/') != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                   _ ("“%s” cannot be the name of a folder"), name);
      return FALSE;
    }
  if (is_taken (self, name))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                   _ ("There is a training or a model named “%s” already"), name);
      return FALSE;
    }
  return TRUE;
}

/* ── trainings ── */

TpdaTraining *
tpda_training_list_create (TpdaTrainingList *self, const char *name, JsonObject *base,
                           gboolean from_new, TpdTrainConfig *config, GError **error)
{
  g_autofree char *folder = g_build_filename (self->folder, name, NULL);
  g_autofree char *result =
      g_build_filename (g_get_user_data_dir (), "tpdiff", "models", name, NULL);
  TpdaTraining *training;

  if (!check_name (self, name, error))
    return NULL;
  training = tpda_training_new (folder, result, base, from_new, config, error);
  if (training == NULL)
    return NULL;
  g_ptr_array_insert (self->trainings, 0, training);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, 1);
  return training;
}

TpdaTraining *
tpda_training_list_find (TpdaTrainingList *self, const char *name)
{
  for (guint i = 0; i < self->trainings->len; i++)
    if (g_str_equal (tpda_training_get_name (self->trainings->pdata[i]), name))
      return g_object_ref (self->trainings->pdata[i]);
  return NULL;
}

gboolean
tpda_training_list_remove (TpdaTrainingList *self, TpdaTraining *training, GError **error)
{
  g_autoptr (GFile) folder = g_file_new_for_path (tpda_training_get_folder (training));
  guint i;

  if (!g_ptr_array_find (self->trainings, training, &i) || !g_file_trash (folder, NULL, error))
    return FALSE;
  g_ptr_array_remove_index (self->trainings, i);
  g_list_model_items_changed (G_LIST_MODEL (self), i, 1, 0);
  return TRUE;
}

gboolean
tpda_training_list_is_busy (TpdaTrainingList *self)
{
  for (guint i = 0; i < self->trainings->len; i++)
    {
      TpdaTrainingState state = tpda_training_get_state (self->trainings->pdata[i]);

      if (state == TPDA_TRAINING_RUNNING || state == TPDA_TRAINING_PAUSING)
        return TRUE;
    }
  return FALSE;
}

/* ── finding them ── */

/* When its settings were written. */
static gint64
age (TpdaTraining *training)
{
  g_autofree char *file = g_build_filename (tpda_training_get_folder (training), "run.json", NULL);
  GStatBuf info;

  return g_stat (file, &info) == 0 ? (gint64)info.st_mtime : 0;
}

static int
compare_ages (gconstpointer a, gconstpointer b)
{
  gint64 x = age (*(TpdaTraining *const *)a);
  gint64 y = age (*(TpdaTraining *const *)b);

  return (x < y) - (x > y);
}

static void
find_all (TpdaTrainingList *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename (self->folder, name, NULL);

      if (g_file_test (folder, G_FILE_TEST_IS_DIR))
        g_ptr_array_add (self->trainings, tpda_training_open (folder));
    }
  g_ptr_array_sort (self->trainings, compare_ages);
}

TpdaTrainingList *
tpda_training_list_new (const char *folder)
{
  TpdaTrainingList *self = g_object_new (TPDA_TYPE_TRAINING_LIST, NULL);

  self->folder = folder != NULL ? g_strdup (folder)
                                : g_build_filename (g_get_user_data_dir (), "tpdiff", "runs", NULL);
  find_all (self);
  return self;
}

/* ── as a GListModel ── */

static GType
get_item_type (GListModel *list)
{
  return TPDA_TYPE_TRAINING;
}

static guint
get_n_items (GListModel *list)
{
  return TPDA_TRAINING_LIST (list)->trainings->len;
}

static gpointer
get_item (GListModel *list, guint i)
{
  TpdaTrainingList *self = TPDA_TRAINING_LIST (list);

  return i < self->trainings->len ? g_object_ref (self->trainings->pdata[i]) : NULL;
}

static void
tpda_training_list_init_model (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

/* ── life cycle ── */

static void
tpda_training_list_finalize (GObject *object)
{
  TpdaTrainingList *self = TPDA_TRAINING_LIST (object);

  g_ptr_array_unref (self->trainings);
  g_free (self->folder);
  G_OBJECT_CLASS (tpda_training_list_parent_class)->finalize (object);
}

static void
tpda_training_list_class_init (TpdaTrainingListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpda_training_list_finalize;
}

static void
tpda_training_list_init (TpdaTrainingList *self)
{
  self->trainings = g_ptr_array_new_with_free_func (g_object_unref);
}
