/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-setting-row.h"

#include <glib/gi18n.h>

#define BOTH_WAYS (G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE)

const char *
tpda_setting_title (GParamSpec *spec)
{
  return g_dgettext (GETTEXT_PACKAGE, g_param_spec_get_nick (spec));
}

const char *
tpda_setting_blurb (GParamSpec *spec)
{
  return g_dgettext (GETTEXT_PACKAGE, g_param_spec_get_blurb (spec));
}

/* Title and explanation, and a widget that holds the value. Being the row's activatable widget also
 * labels it for screen readers. */
static GtkWidget *
new_row (GParamSpec *spec, GtkWidget *editor)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), tpda_setting_title (spec));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), tpda_setting_blurb (spec));
  gtk_widget_set_valign (editor, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), editor);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), editor);
  return row;
}

static GtkWidget *
new_number_row (GObject *object, GParamSpec *spec, double minimum, double maximum, double step,
                guint digits)
{
  GtkAdjustment *adjustment = gtk_adjustment_new (minimum, minimum, maximum, step, 10 * step, 0);
  GtkWidget *button = gtk_spin_button_new (adjustment, 0, digits);

  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (button), TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (button), 4);
  g_object_bind_property (object, spec->name, adjustment, "value", BOTH_WAYS);
  return new_row (spec, button);
}

static GtkWidget *
new_switch_row (GObject *object, GParamSpec *spec)
{
  GtkWidget *button = gtk_switch_new ();

  g_object_bind_property (object, spec->name, button, "active", BOTH_WAYS);
  return new_row (spec, button);
}

static GtkWidget *
new_text_row (GObject *object, GParamSpec *spec)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 8);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), 8);
  g_object_bind_property (object, spec->name, entry, "text", BOTH_WAYS);
  return new_row (spec, entry);
}

/* ── enumerations ── */

/* GBinding's view of a value's place in the list, and back. */
static gboolean
value_to_index (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_uint (to, adw_enum_list_model_find_position (data, g_value_get_enum (from)));
  return TRUE;
}

static gboolean
index_to_value (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_autoptr (AdwEnumListItem) item = g_list_model_get_item (data, g_value_get_uint (from));

  if (item == NULL)
    return FALSE;
  g_value_set_enum (to, adw_enum_list_item_get_value (item));
  return TRUE;
}

static char *
item_name (AdwEnumListItem *item, gpointer data)
{
  return g_strdup (g_dgettext (GETTEXT_PACKAGE, adw_enum_list_item_get_name (item)));
}

GtkWidget *
tpda_setting_row_new_enum (GType type, const char *title, const char *subtitle)
{
  g_autoptr (AdwEnumListModel) model = adw_enum_list_model_new (type);
  g_autoptr (GtkExpression) name = gtk_cclosure_expression_new (G_TYPE_STRING, NULL, 0, NULL,
                                                                G_CALLBACK (item_name), NULL, NULL);
  GtkWidget *row = adw_combo_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_combo_row_set_expression (ADW_COMBO_ROW (row), name);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (model));
  return row;
}

static GtkWidget *
new_enum_row (GObject *object, GParamSpec *spec)
{
  GtkWidget *row = tpda_setting_row_new_enum (spec->value_type, tpda_setting_title (spec),
                                              tpda_setting_blurb (spec));
  GListModel *model = adw_combo_row_get_model (ADW_COMBO_ROW (row));

  g_object_bind_property_full (object, spec->name, row, "selected", BOTH_WAYS, value_to_index,
                               index_to_value, model, NULL);
  return row;
}

GtkWidget *
tpda_setting_row_new (GObject *object, GParamSpec *spec)
{
  if (G_IS_PARAM_SPEC_UINT (spec))
    return new_number_row (object, spec, G_PARAM_SPEC_UINT (spec)->minimum,
                           G_PARAM_SPEC_UINT (spec)->maximum, 1, 0);
  if (G_IS_PARAM_SPEC_INT (spec))
    return new_number_row (object, spec, G_PARAM_SPEC_INT (spec)->minimum,
                           G_PARAM_SPEC_INT (spec)->maximum, 1, 0);
  if (G_IS_PARAM_SPEC_DOUBLE (spec))
    return new_number_row (object, spec, G_PARAM_SPEC_DOUBLE (spec)->minimum,
                           G_PARAM_SPEC_DOUBLE (spec)->maximum, 0.1, 2);
  if (G_IS_PARAM_SPEC_BOOLEAN (spec))
    return new_switch_row (object, spec);
  if (G_IS_PARAM_SPEC_ENUM (spec))
    return new_enum_row (object, spec);
  if (G_IS_PARAM_SPEC_STRING (spec))
    return new_text_row (object, spec);
  g_assert_not_reached (); /* no setting is of another type */
}
