/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-settings-panel.h"

#include <glib/gi18n.h>

#include "tpda-seed-row.h"
#include "tpda-setting-row.h"

#define MAX_NAMED 4

/* Where settings are shown. What is named nowhere comes at the end of the last group, so that a new
 * setting of the engine appears by itself. */
static const struct
{
  const char *title;
  const char *names[MAX_NAMED + 1];
} groups[] = {
    {N_ ("Clip"), {"num-frames", "seed", NULL}},
    {N_ ("Sampling"), {"steps", "stages", "guidance-scale", "sampler", NULL}},
    {N_ ("Fine tuning"), {NULL}},
};

static const char *const devices[] = {"auto", "cpu", "cuda", NULL};

struct _TpdaSettingsPanel
{
  AdwBin parent_instance;

  /* owned */
  TpdSamplerSettings *settings;
  TpdModelInfo *model;
  GError *error;         /* why there is no model */
  GtkStringList *models; /* ids */
  TpdaModelList *list;   /* that they are from; NULL until it is set */

  /* of the widget tree */
  AdwPreferencesPage *page;
  AdwComboRow *model_row;
  AdwComboRow *device_row;
  AdwComboRow *preview_row;
  AdwActionRow *form_row;
  TpdaSeedRow *seed_row;

  /* state */
  gboolean quiet; /* several things change at once */
};

G_DEFINE_FINAL_TYPE (TpdaSettingsPanel, tpda_settings_panel, ADW_TYPE_BIN)

static guint changed_signal;

static void
changed (TpdaSettingsPanel *self)
{
  if (!self->quiet)
    g_signal_emit (self, changed_signal, 0);
}

/* ── the model ── */

static const char *
selected_string (AdwComboRow *row)
{
  GtkStringObject *item = adw_combo_row_get_selected_item (row);

  return item != NULL ? gtk_string_object_get_string (item) : NULL;
}

static void
select_string (AdwComboRow *row, const char *text)
{
  GListModel *list = adw_combo_row_get_model (row);

  for (guint i = 0; text != NULL && i < g_list_model_get_n_items (list); i++)
    if (g_str_equal (gtk_string_list_get_string (GTK_STRING_LIST (list), i), text))
      adw_combo_row_set_selected (row, i);
}

/* "flow, 3 stages; flow, vanilla" */
static char *
describe_denoisers (const TpdModelInfo *model)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < model->n_denoisers; i++)
    {
      const TpdPyramidConfig *pyramid = &model->denoisers[i].pyramid;
      const char *form =
          pyramid->form == TPD_FORM_FLOW ? _ ("flow matching") : _ ("DDIM (variance preserving)");

      if (i > 0)
        g_string_append (text, "; ");
      if (pyramid->n_stages == 1)
        g_string_append_printf (text, _ ("%s, vanilla"), form);
      else
        g_string_append_printf (text, _ ("%s, %u stages"), form, pyramid->n_stages);
    }
  return g_string_free (text, FALSE);
}

static void
show_model (TpdaSettingsPanel *self)
{
  g_autofree char *text =
      self->model != NULL ? describe_denoisers (self->model) : g_strdup (self->error->message);

  adw_action_row_set_subtitle (self->form_row, text);
}

/* Takes over the other object's values; the seed is the user's and stays. */
static void
take_values (TpdSamplerSettings *to, TpdSamplerSettings *from, gboolean with_seed)
{
  guint n;
  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (to), &n);

  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      if (!with_seed && G_IS_PARAM_SPEC_UINT64 (specs[i]))
        continue;
      g_object_get_property (G_OBJECT (from), specs[i]->name, &value);
      g_object_set_property (G_OBJECT (to), specs[i]->name, &value);
    }
}

static void
reset_settings (TpdaSettingsPanel *self)
{
  g_autoptr (TpdSamplerSettings) defaults = tpd_sampler_settings_new ();

  if (self->model != NULL)
    tpd_sampler_settings_fill_in (defaults, self->model->defaults);
  self->quiet = TRUE;
  take_values (self->settings, defaults, FALSE);
  self->quiet = FALSE;
  changed (self);
}

static void
on_model_selected (TpdaSettingsPanel *self)
{
  const char *id = selected_string (self->model_row);

  g_clear_pointer (&self->model, tpd_model_info_free);
  g_clear_error (&self->error);
  self->model = tpd_model_info_read (id, &self->error);
  show_model (self);
  if (self->list != NULL && id != NULL)
    tpda_model_list_set_current (self->list, id);
  if (!self->quiet)
    reset_settings (self);
}

/* ── the list of models ── */

static void
on_current_changed (TpdaSettingsPanel *self)
{
  select_string (self->model_row, tpda_model_list_get_current (self->list));
}

/* A model that was chosen at the start, or last time, and turns out to be broken gives way to one
 * that works. Who chooses it from the list sees what is wrong with it. */
static void
on_model_known (TpdaSettingsPanel *self, TpdaModel *model)
{
  const char *id = selected_string (self->model_row);
  TpdaModel *selected = id != NULL ? tpda_model_list_find (self->list, id) : NULL;
  gboolean broken =
      selected == NULL || (tpda_model_is_known (selected) && !tpda_model_works (selected));

  for (guint i = 0; broken && i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    {
      g_autoptr (TpdaModel) other = g_list_model_get_item (G_LIST_MODEL (self->list), i);

      if (!tpda_model_works (other))
        continue;
      select_string (self->model_row, tpda_model_get_id (other));
      return;
    }
}

static void
on_models_changed (TpdaSettingsPanel *self, guint position, guint removed, guint added)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) ids = NULL;

  for (guint i = 0; i < added; i++)
    {
      g_autoptr (TpdaModel) model = g_list_model_get_item (G_LIST_MODEL (self->list), position + i);

      g_strv_builder_add (builder, tpda_model_get_id (model));
      g_signal_connect_object (model, "changed", G_CALLBACK (on_model_known), self,
                               G_CONNECT_SWAPPED);
    }
  ids = g_strv_builder_end (builder);
  gtk_string_list_splice (self->models, position, removed, (const char *const *)ids);
}

void
tpda_settings_panel_set_models (TpdaSettingsPanel *self, TpdaModelList *list)
{
  g_autofree char *selected = g_strdup (selected_string (self->model_row));
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->models));

  self->list = g_object_ref (list);
  g_signal_connect_object (list, "items-changed", G_CALLBACK (on_models_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (list, "notify::current", G_CALLBACK (on_current_changed), self,
                           G_CONNECT_SWAPPED);
  self->quiet = TRUE;
  on_models_changed (self, 0, n, g_list_model_get_n_items (G_LIST_MODEL (list)));
  select_string (self->model_row, selected);
  on_model_selected (self);
  self->quiet = FALSE;
}

const TpdModelInfo *
tpda_settings_panel_get_model (TpdaSettingsPanel *self, const GError **error)
{
  *error = self->error;
  return self->model;
}

/* ── in and out ── */

void
tpda_settings_panel_fill (TpdaSettingsPanel *self, TpdRequest *request)
{
  guint preview = adw_combo_row_get_selected (self->preview_row);

  g_free (request->model);
  request->model = g_strdup (selected_string (self->model_row));
  g_free (request->device);
  request->device = g_strdup (selected_string (self->device_row));
  request->preview = (TpdPreviewMode)preview; /* its values count up from 0 */
  g_object_unref (request->settings);
  request->settings = tpd_sampler_settings_copy (self->settings);
}

void
tpda_settings_panel_show (TpdaSettingsPanel *self, const TpdRequest *request)
{
  self->quiet = TRUE;
  select_string (self->model_row, request->model);
  select_string (self->device_row, request->device);
  adw_combo_row_set_selected (self->preview_row, request->preview);
  take_values (self->settings, request->settings, TRUE);
  self->quiet = FALSE;
  changed (self);
}

void
tpda_settings_panel_next_seed (TpdaSettingsPanel *self)
{
  if (!tpda_seed_row_is_locked (self->seed_row))
    tpda_seed_row_roll (self->seed_row);
}

void
tpda_settings_panel_lock_seed (TpdaSettingsPanel *self)
{
  tpda_seed_row_set_locked (self->seed_row, TRUE);
}

/* ── groups ── */

static gboolean
is_named (const char *name)
{
  for (guint g = 0; g < G_N_ELEMENTS (groups); g++)
    if (g_strv_contains (groups[g].names, name))
      return TRUE;
  return FALSE;
}

static AdwPreferencesGroup *
add_group (TpdaSettingsPanel *self, const char *title)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_page_add (self->page, ADW_PREFERENCES_GROUP (group));
  return ADW_PREFERENCES_GROUP (group);
}

static void
add_setting (TpdaSettingsPanel *self, AdwPreferencesGroup *group, GParamSpec *spec)
{
  GObject *settings = G_OBJECT (self->settings);
  GtkWidget *row;

  if (G_IS_PARAM_SPEC_UINT64 (spec))
    {
      row = tpda_seed_row_new (settings, spec);
      self->seed_row = TPDA_SEED_ROW (row);
    }
  else
    row = tpda_setting_row_new (settings, spec);
  adw_preferences_group_add (group, row);
}

static void
add_settings (TpdaSettingsPanel *self)
{
  GObjectClass *klass = G_OBJECT_GET_CLASS (self->settings);
  guint n;
  g_autofree GParamSpec **specs = g_object_class_list_properties (klass, &n);
  AdwPreferencesGroup *group = NULL;

  for (guint g = 0; g < G_N_ELEMENTS (groups); g++)
    {
      group = add_group (self, _ (groups[g].title));
      for (const char *const *name = groups[g].names; *name != NULL; name++)
        add_setting (self, group, g_object_class_find_property (klass, *name));
    }
  for (guint i = 0; i < n; i++)
    if (!is_named (specs[i]->name))
      add_setting (self, group, specs[i]);
}

/* The last part of a folder's path. */
static char *
model_name (GtkStringObject *item, gpointer data)
{
  return g_path_get_basename (gtk_string_object_get_string (item));
}

static AdwComboRow *
add_choice (AdwPreferencesGroup *group, const char *title, GListModel *list)
{
  GtkWidget *row = adw_combo_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), list);
  adw_preferences_group_add (group, row);
  return ADW_COMBO_ROW (row);
}

static GtkWidget *
new_reset_button (TpdaSettingsPanel *self)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-undo-symbolic");

  gtk_widget_set_tooltip_text (button, _ ("Return to the Model’s Settings"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Return to the model’s settings"), -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (reset_settings), self);
  return button;
}

static void
add_model_group (TpdaSettingsPanel *self)
{
  AdwPreferencesGroup *group = add_group (self, _ ("Model"));
  g_autoptr (GtkStringList) device_list = gtk_string_list_new (devices);
  g_autoptr (GtkExpression) name = gtk_cclosure_expression_new (
      G_TYPE_STRING, NULL, 0, NULL, G_CALLBACK (model_name), NULL, NULL);
  GtkWidget *form = adw_action_row_new ();
  GtkWidget *preview =
      tpda_setting_row_new_enum (TPD_TYPE_PREVIEW_MODE, _ ("Preview"),
                                 _ ("How often the clip is shown while it is being made"));

  adw_preferences_group_set_header_suffix (group, new_reset_button (self));
  self->model_row = add_choice (group, _ ("Model"), G_LIST_MODEL (self->models));
  adw_combo_row_set_expression (self->model_row, name);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (form), _ ("Form"));
  adw_preferences_group_add (group, form);
  self->form_row = ADW_ACTION_ROW (form);
  self->device_row = add_choice (group, _ ("Device"), G_LIST_MODEL (device_list));
  adw_preferences_group_add (group, preview);
  self->preview_row = ADW_COMBO_ROW (preview);
  adw_combo_row_set_selected (self->preview_row, TPD_PREVIEW_STEP);
}

static void
connect_changes (TpdaSettingsPanel *self)
{
  g_signal_connect_swapped (self->settings, "notify", G_CALLBACK (changed), self);
  g_signal_connect_swapped (self->device_row, "notify::selected", G_CALLBACK (changed), self);
  g_signal_connect_swapped (self->preview_row, "notify::selected", G_CALLBACK (changed), self);
  g_signal_connect_swapped (self->model_row, "notify::selected", G_CALLBACK (on_model_selected),
                            self);
}

/* ── life cycle ── */

static void
tpda_settings_panel_dispose (GObject *object)
{
  TpdaSettingsPanel *self = TPDA_SETTINGS_PANEL (object);

  if (self->settings != NULL)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  G_OBJECT_CLASS (tpda_settings_panel_parent_class)->dispose (object);
  g_clear_object (&self->settings);
  g_clear_object (&self->models);
  g_clear_object (&self->list);
  g_clear_pointer (&self->model, tpd_model_info_free);
  g_clear_error (&self->error);
}

static void
tpda_settings_panel_class_init (TpdaSettingsPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tpda_settings_panel_dispose;
  changed_signal = g_signal_new ("changed", TPDA_TYPE_SETTINGS_PANEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
tpda_settings_panel_init (TpdaSettingsPanel *self)
{
  g_auto (GStrv) names = tpd_model_list ();

  self->settings = tpd_sampler_settings_new ();
  self->models = gtk_string_list_new ((const char *const *)names);
  self->page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->page));
  add_model_group (self);
  add_settings (self);
  self->quiet = TRUE;
  select_string (self->model_row, TPD_BUNDLED_MODEL);
  on_model_selected (self);
  self->quiet = FALSE;
  connect_changes (self);
  reset_settings (self);
}
