/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-model-list.h"

#include "tpd-model-report.h"

#define KEY "model-folders"

struct _TpdaModelList
{
  GObject parent_instance;

  /* owned */
  GSettings *settings;
  GPtrArray *models;
  char *current;
  TpdaModel *looked_at; /* by the thread; NULL if none runs */
};

static void tpda_model_list_init_model (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TpdaModelList, tpda_model_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      tpda_model_list_init_model))

enum
{
  PROP_CURRENT = 1,
};

static GParamSpec *current_property;

/* ── looking into models, one after the other ── */

static void look_at_next (TpdaModelList *self);

static void
look_in_thread (GTask *task, gpointer source, gpointer id, GCancellable *cancellable)
{
  GError *error = NULL;
  JsonObject *report = tpd_model_report (id, &error);

  if (report != NULL)
    g_task_return_pointer (task, report, (GDestroyNotify)json_object_unref);
  else
    g_task_return_error (task, error);
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer data)
{
  TpdaModelList *self = TPDA_MODEL_LIST (source);
  g_autoptr (TpdaModel) model = g_steal_pointer (&self->looked_at);
  GError *error = NULL;
  JsonObject *report = g_task_propagate_pointer (G_TASK (result), &error);

  tpda_model_set_report (model, report, error);
  look_at_next (self);
}

static void
look_at_next (TpdaModelList *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->looked_at != NULL)
    return; /* it goes on by itself */
  for (guint i = 0; self->looked_at == NULL && i < self->models->len; i++)
    if (!tpda_model_is_known (self->models->pdata[i]))
      self->looked_at = g_object_ref (self->models->pdata[i]);
  if (self->looked_at == NULL)
    return;
  task = g_task_new (self, NULL, on_looked, NULL);
  g_task_set_task_data (task, g_strdup (tpda_model_get_id (self->looked_at)), g_free);
  g_task_run_in_thread (task, look_in_thread);
}

/* ── which there are ── */

TpdaModel *
tpda_model_list_find (TpdaModelList *self, const char *id)
{
  for (guint i = 0; i < self->models->len; i++)
    if (g_strcmp0 (tpda_model_get_id (self->models->pdata[i]), id) == 0)
      return self->models->pdata[i];
  return NULL;
}

static void
append_model (TpdaModelList *self, const char *id, gboolean is_added)
{
  g_ptr_array_add (self->models, tpda_model_new (id, is_added));
  g_list_model_items_changed (G_LIST_MODEL (self), self->models->len - 1, 0, 1);
}

static void
remove_at (TpdaModelList *self, guint i)
{
  g_ptr_array_remove_index (self->models, i);
  g_list_model_items_changed (G_LIST_MODEL (self), i, 1, 0);
}

static void
drop_missing (TpdaModelList *self, GStrv installed, GStrv added)
{
  for (guint i = self->models->len; i-- > 0;)
    {
      const char *id = tpda_model_get_id (self->models->pdata[i]);

      if (!g_strv_contains ((const char *const *)installed, id) &&
          !g_strv_contains ((const char *const *)added, id))
        remove_at (self, i);
    }
}

void
tpda_model_list_refresh (TpdaModelList *self)
{
  g_auto (GStrv) installed = tpd_model_list ();
  g_auto (GStrv) added = g_settings_get_strv (self->settings, KEY);

  drop_missing (self, installed, added);
  for (guint i = 0; i < self->models->len; i++)
    tpda_model_forget_report (self->models->pdata[i]);
  for (char **id = installed; *id != NULL; id++)
    if (tpda_model_list_find (self, *id) == NULL)
      append_model (self, *id, FALSE);
  for (char **id = added; *id != NULL; id++)
    if (tpda_model_list_find (self, *id) == NULL)
      append_model (self, *id, TRUE);
  look_at_next (self);
}

/* ── what the user adds ── */

/* Writes those of the list that the user added. */
static void
remember (TpdaModelList *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) added = NULL;

  for (guint i = 0; i < self->models->len; i++)
    if (tpda_model_is_added (self->models->pdata[i]))
      g_strv_builder_add (builder, tpda_model_get_id (self->models->pdata[i]));
  added = g_strv_builder_end (builder);
  g_settings_set_strv (self->settings, KEY, (const char *const *)added);
}

void
tpda_model_list_add (TpdaModelList *self, const char *folder)
{
  if (tpda_model_list_find (self, folder) != NULL)
    return;
  append_model (self, folder, TRUE);
  remember (self);
  look_at_next (self);
}

void
tpda_model_list_remove (TpdaModelList *self, TpdaModel *model)
{
  guint i;

  if (!tpda_model_is_added (model) || !g_ptr_array_find (self->models, model, &i))
    return;
  remove_at (self, i);
  remember (self);
}

/* ── which is used ── */

const char *
tpda_model_list_get_current (TpdaModelList *self)
{
  return self->current;
}

void
tpda_model_list_set_current (TpdaModelList *self, const char *id)
{
  if (g_strcmp0 (self->current, id) == 0)
    return;
  g_free (self->current);
  self->current = g_strdup (id);
  g_object_notify_by_pspec (G_OBJECT (self), current_property);
}

/* ── as a GListModel ── */

static GType
get_item_type (GListModel *list)
{
  return TPDA_TYPE_MODEL;
}

static guint
get_n_items (GListModel *list)
{
  return TPDA_MODEL_LIST (list)->models->len;
}

static gpointer
get_item (GListModel *list, guint i)
{
  TpdaModelList *self = TPDA_MODEL_LIST (list);

  return i < self->models->len ? g_object_ref (self->models->pdata[i]) : NULL;
}

static void
tpda_model_list_init_model (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

/* ── life cycle ── */

TpdaModelList *
tpda_model_list_new (GSettings *settings)
{
  TpdaModelList *self = g_object_new (TPDA_TYPE_MODEL_LIST, NULL);

  self->settings = g_object_ref (settings);
  tpda_model_list_refresh (self);
  return self;
}

static void
tpda_model_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_CURRENT)
    g_value_set_string (value, TPDA_MODEL_LIST (object)->current);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
tpda_model_list_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  if (id == PROP_CURRENT)
    tpda_model_list_set_current (TPDA_MODEL_LIST (object), g_value_get_string (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
tpda_model_list_finalize (GObject *object)
{
  TpdaModelList *self = TPDA_MODEL_LIST (object);

  g_clear_object (&self->settings);
  g_clear_object (&self->looked_at);
  g_ptr_array_unref (self->models);
  g_free (self->current);
  G_OBJECT_CLASS (tpda_model_list_parent_class)->finalize (object);
}

static void
tpda_model_list_class_init (TpdaModelListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tpda_model_list_get_property;
  object_class->set_property = tpda_model_list_set_property;
  object_class->finalize = tpda_model_list_finalize;
  current_property =
      g_param_spec_string ("current", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, PROP_CURRENT, current_property);
}

static void
tpda_model_list_init (TpdaModelList *self)
{
  self->models = g_ptr_array_new_with_free_func (g_object_unref);
}
