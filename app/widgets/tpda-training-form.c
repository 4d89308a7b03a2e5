/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-training-form.h"

#include <glib/gi18n.h>

#include "tpda-train-setting-row.h"
#include "tpda-training-check.h"

#define MAX_NAMED 5

/* Where settings are shown; what is named nowhere is under "More settings", so that a new setting
 * of the engine appears by itself. */
static const struct
{
  const char *title, *description;
  const char *names[MAX_NAMED + 1];
} groups[] = {
    {N_ ("Data"), NULL, {"dataset", "clips", NULL}},
    {N_ ("Method"), NULL, {"stages", NULL}},
    {N_ ("Budget"),
     N_ ("The first limit that is reached ends the training. 0 is no limit."),
     {"minutes", "teraflop", "steps", NULL}},
    {N_ ("Learning"), NULL, {"batch", "lr", NULL}},
};

/* The application decides these: folders, and what follows from the model. */
static const char *const hidden[] = {"out",    "model-out", "model", "tokenizer", "init-from",
                                     "config", "cache",     "size",  "frames",    NULL};

/* Where the application begins elsewhere than the command: it has an end, and something to see. */
static const struct
{
  const char *name, *value;
} initials[] = {{"minutes", "10"}, {"sample-every", "100"}};

struct _TpdaTrainingForm
{
  AdwBin parent_instance;

  /* owned */
  TpdaModelList *models;
  TpdaTrainingList *trainings;
  TpdTrainConfig *config;
  GHashTable *mistakes; /* name of a setting → what is wrong with what was entered */
  GtkStringList *bases; /* ids of models to start from */
  GCancellable *check;  /* of a check that runs, else NULL */

  /* of the template */
  AdwPreferencesPage *page;
  AdwEntryRow *name_row;
  AdwComboRow *base_row;
  AdwComboRow *start_row;
  AdwPreferencesGroup *start_group;
  GtkLabel *message;
  GtkWidget *checking;
  GtkLabel *report;
};

G_DEFINE_FINAL_TYPE (TpdaTrainingForm, tpda_training_form, ADW_TYPE_BIN)

static guint created_signal;

/* ── what is chosen ── */

static TpdaModel *
chosen_base (TpdaTrainingForm *self)
{
  GtkStringObject *item = adw_combo_row_get_selected_item (self->base_row);

  return item != NULL ? tpda_model_list_find (self->models, gtk_string_object_get_string (item))
                      : NULL;
}

/* The sentence about what is missing; NULL if nothing is. */
static const char *
find_mistake (TpdaTrainingForm *self)
{
  GHashTableIter iter;
  gpointer message;

  g_hash_table_iter_init (&iter, self->mistakes);
  if (g_hash_table_iter_next (&iter, NULL, &message))
    return message;
  if (chosen_base (self) == NULL)
    return _ ("A training starts from a model, and there is none that works.");
  if (self->config->minutes == 0 && self->config->teraflop == 0 && self->config->steps == 0)
    return _ ("How long? Set one of the limits of the budget.");
  return NULL;
}

static void
show_message (TpdaTrainingForm *self, const char *message)
{
  gtk_label_set_text (self->message, message != NULL ? message : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), message != NULL);
}

static void
show_report (TpdaTrainingForm *self, const char *report)
{
  gtk_label_set_text (self->report, report != NULL ? report : "");
  gtk_widget_set_visible (GTK_WIDGET (self->report), report != NULL);
}

static void
update (TpdaTrainingForm *self)
{
  const char *mistake = find_mistake (self);
  const gboolean ready = mistake == NULL && self->check == NULL;

  show_message (self, mistake);
  gtk_widget_set_visible (self->checking, self->check != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "form.check", ready);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "form.start", ready);
}

static gboolean
on_setting (const TpdTrainSetting *setting, const char *text, gpointer data)
{
  TpdaTrainingForm *self = data;
  g_autoptr (GError) error = NULL;

  /* An empty entry is "none" for those settings that have no default. */
  if (*text == '\0' && setting->initial == NULL)
    {
      g_clear_pointer (&G_STRUCT_MEMBER (char *, self->config, setting->offset), g_free);
      g_hash_table_remove (self->mistakes, setting->name);
    }
  else if (tpd_train_config_set (self->config, setting->name, text, &error))
    g_hash_table_remove (self->mistakes, setting->name);
  else
    g_hash_table_insert (self->mistakes, g_strdup (setting->name), g_strdup (error->message));
  show_report (self, NULL); /* it was of other settings */
  update (self);
  return error == NULL;
}

/* ── checking and starting ── */

static gboolean
is_from_new (TpdaTrainingForm *self)
{
  return adw_combo_row_get_selected (self->start_row) == 0;
}

/* How the check ended: NULL, with an error, if the training cannot begin. */
static char *
end_check (TpdaTrainingForm *self, GAsyncResult *result, GError **error)
{
  char *report = tpda_training_check_finish (result, error);

  g_clear_object (&self->check);
  update (self);
  return report;
}

/* Does nothing after the form is gone: then the check was cancelled. */
static void
begin_check (TpdaTrainingForm *self, GAsyncReadyCallback callback)
{
  self->check = g_cancellable_new ();
  show_report (self, NULL);
  update (self);
  tpda_training_check_async (self->config, tpda_model_get_report (chosen_base (self)),
                             is_from_new (self), self->check, callback, g_object_ref (self));
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TpdaTrainingForm) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *report = NULL;

  if (self->check == NULL)
    return;
  report = end_check (self, result, &error);
  if (report != NULL)
    show_report (self, report);
  else
    show_message (self, error->message);
}

static void
on_checked_to_start (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TpdaTrainingForm) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *report = NULL;
  g_autofree char *name = NULL;
  TpdaTraining *training = NULL;

  if (self->check == NULL)
    return;
  report = end_check (self, result, &error);
  name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name_row))));
  if (report != NULL)
    training = tpda_training_list_create (self->trainings, name,
                                          tpda_model_get_report (chosen_base (self)),
                                          is_from_new (self), self->config, &error);
  if (training != NULL)
    g_signal_emit (self, created_signal, 0, training);
  else
    show_message (self, error->message);
}

static void
check (GtkWidget *widget, const char *action, GVariant *parameter)
{
  begin_check (TPDA_TRAINING_FORM (widget), on_checked);
}

static void
start (GtkWidget *widget, const char *action, GVariant *parameter)
{
  begin_check (TPDA_TRAINING_FORM (widget), on_checked_to_start);
}

/* ── models ── */

void
tpda_training_form_refresh (TpdaTrainingForm *self)
{
  TpdaModel *base = chosen_base (self);
  g_autofree char *stem = NULL;
  g_autofree char *name = NULL;

  if (base == NULL)
    return;
  stem = g_strdup_printf ("my-%s", tpda_model_get_name (base));
  name = tpda_training_list_suggest (self->trainings, stem);
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), name);
  update (self);
}

/* What works comes in once it was looked at, and stays where it is after that. */
static void
on_model_changed (TpdaTrainingForm *self, TpdaModel *model)
{
  const char *id = tpda_model_get_id (model);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->bases)); i++)
    if (g_str_equal (gtk_string_list_get_string (self->bases, i), id))
      {
        if (!tpda_model_works (model))
          gtk_string_list_remove (self->bases, i);
        return;
      }
  if (tpda_model_works (model))
    gtk_string_list_append (self->bases, id);
}

static void
on_models_changed (TpdaTrainingForm *self, guint position, guint removed, guint added)
{
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (TpdaModel) model =
          g_list_model_get_item (G_LIST_MODEL (self->models), position + i);

      g_signal_connect_object (model, "changed", G_CALLBACK (on_model_changed), self,
                               G_CONNECT_SWAPPED);
      on_model_changed (self, model);
    }
}

static char *
base_name (GtkStringObject *item, gpointer data)
{
  return g_path_get_basename (gtk_string_object_get_string (item));
}

/* ── the rows ── */

static gboolean
is_named (const char *name)
{
  for (guint g = 0; g < G_N_ELEMENTS (groups); g++)
    if (g_strv_contains (groups[g].names, name))
      return TRUE;
  return FALSE;
}

static GtkWidget *
new_setting_row (TpdaTrainingForm *self, const TpdTrainSetting *setting)
{
  g_autofree char *text = tpda_train_setting_get (self->config, setting->name);

  return tpda_train_setting_row_new (setting, text, on_setting, self);
}

static void
add_more (TpdaTrainingForm *self, AdwPreferencesGroup *group)
{
  GtkWidget *more = adw_expander_row_new ();
  guint n;
  const TpdTrainSetting *settings = tpd_train_settings (&n);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (more), _ ("More settings"));
  for (guint i = 0; i < n; i++)
    if ((settings[i].jobs & TPD_TRAIN_DENOISER) && !is_named (settings[i].name) &&
        !g_strv_contains (hidden, settings[i].name))
      adw_expander_row_add_row (ADW_EXPANDER_ROW (more), new_setting_row (self, &settings[i]));
  adw_preferences_group_add (group, more);
}

static void
add_settings (TpdaTrainingForm *self)
{
  AdwPreferencesGroup *group = NULL;

  for (guint g = 0; g < G_N_ELEMENTS (groups); g++)
    {
      group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
      adw_preferences_group_set_title (group, _ (groups[g].title));
      if (groups[g].description != NULL)
        adw_preferences_group_set_description (group, _ (groups[g].description));
      for (const char *const *name = groups[g].names; *name != NULL; name++)
        adw_preferences_group_add (group, new_setting_row (self, tpda_train_setting_find (*name)));
      adw_preferences_page_add (self->page, group);
    }
  add_more (self, group);
  /* The button comes last. */
  g_object_ref (self->start_group);
  adw_preferences_page_remove (self->page, self->start_group);
  adw_preferences_page_add (self->page, self->start_group);
  g_object_unref (self->start_group);
}

void
tpda_training_form_set_up (TpdaTrainingForm *self, TpdaModelList *models,
                           TpdaTrainingList *trainings)
{
  self->models = g_object_ref (models);
  self->trainings = g_object_ref (trainings);
  g_signal_connect_object (models, "items-changed", G_CALLBACK (on_models_changed), self,
                           G_CONNECT_SWAPPED);
  on_models_changed (self, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (models)));
}

/* ── life cycle ── */

/* The window closes: nobody waits for the check. */
static void
tpda_training_form_unroot (GtkWidget *widget)
{
  TpdaTrainingForm *self = TPDA_TRAINING_FORM (widget);

  g_cancellable_cancel (self->check);
  g_clear_object (&self->check);
  GTK_WIDGET_CLASS (tpda_training_form_parent_class)->unroot (widget);
}

static void
tpda_training_form_dispose (GObject *object)
{
  TpdaTrainingForm *self = TPDA_TRAINING_FORM (object);

  G_OBJECT_CLASS (tpda_training_form_parent_class)->dispose (object);
  g_clear_object (&self->models);
  g_clear_object (&self->trainings);
  g_clear_object (&self->bases);
  g_clear_pointer (&self->config, tpd_train_config_free);
  g_clear_pointer (&self->mistakes, g_hash_table_unref);
}

static void
tpda_training_form_class_init (TpdaTrainingFormClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tpda_training_form_dispose;
  widget_class->unroot = tpda_training_form_unroot;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tpdiff/Studio/widgets/tpda-training-form.ui");
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingForm, page);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingForm, name_row);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingForm, base_row);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingForm, start_row);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingForm, start_group);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingForm, message);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingForm, checking);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingForm, report);
  gtk_widget_class_install_action (widget_class, "form.check", NULL, check);
  gtk_widget_class_install_action (widget_class, "form.start", NULL, start);
  created_signal = g_signal_new ("created", TPDA_TYPE_TRAINING_FORM, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, TPDA_TYPE_TRAINING);
}

static void
tpda_training_form_init (TpdaTrainingForm *self)
{
  g_autoptr (GtkExpression) name = gtk_cclosure_expression_new (G_TYPE_STRING, NULL, 0, NULL,
                                                                G_CALLBACK (base_name), NULL, NULL);

  self->config = tpd_train_config_new (TPD_TRAIN_DENOISER);
  for (guint i = 0; i < G_N_ELEMENTS (initials); i++)
    tpd_train_config_set (self->config, initials[i].name, initials[i].value, NULL);
  self->mistakes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->bases = gtk_string_list_new (NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  adw_combo_row_set_expression (self->base_row, name);
  adw_combo_row_set_model (self->base_row, G_LIST_MODEL (self->bases));
  g_signal_connect_swapped (self->base_row, "notify::selected-item",
                            G_CALLBACK (tpda_training_form_refresh), self);
  add_settings (self);
}
