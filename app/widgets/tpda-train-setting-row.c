/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-train-setting-row.h"

#include <glib/gi18n.h>

/* What a row's widgets are connected with. */
typedef struct
{
  const TpdTrainSetting *setting;
  TpdaTrainSettingFunc changed;
  gpointer data;
} Editor;

static void
editor_free (gpointer data, GClosure *closure)
{
  g_free (data);
}

/* The command's help as a sentence begins. */
static char *
capitalize (const char *text)
{
  char first[7] = "";

  g_unichar_to_utf8 (g_unichar_toupper (g_utf8_get_char (text)), first);
  return g_strconcat (first, g_utf8_next_char (text), NULL);
}

static void
name_row (GtkWidget *row, const TpdTrainSetting *setting)
{
  const char *title = tpda_train_setting_title (setting);
  g_autofree char *help = capitalize (_ (setting->help));

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (!g_str_equal (help, title))
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), help);
}

/* Being the row's activatable widget also labels it for screen readers. */
static GtkWidget *
new_row (const TpdTrainSetting *setting, GtkWidget *widget)
{
  GtkWidget *row = adw_action_row_new ();

  name_row (row, setting);
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), widget);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), widget);
  return row;
}

/* ── whole numbers ── */

static void
on_value_changed (GtkSpinButton *button, Editor *editor)
{
  g_autofree char *text = g_strdup_printf ("%.0f", gtk_spin_button_get_value (button));

  editor->changed (editor->setting, text, editor->data);
}

static GtkWidget *
new_int_row (Editor *editor, const char *text)
{
  const TpdTrainSetting *setting = editor->setting;
  GtkWidget *button = gtk_spin_button_new_with_range (setting->min, setting->max, 1);

  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (button), TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (button), 6);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (button), 6);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (button), g_ascii_strtod (text, NULL));
  g_signal_connect_data (button, "value-changed", G_CALLBACK (on_value_changed), editor,
                         editor_free, 0);
  return new_row (setting, button);
}

/* ── other numbers, and text: as one types them ── */

static void
on_text_changed (GtkEditable *entry, Editor *editor)
{
  if (editor->changed (editor->setting, gtk_editable_get_text (entry), editor->data))
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
}

static GtkWidget *
new_text_row (Editor *editor, const char *text)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 9);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), 9);
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  if (editor->setting->type == TPD_SETTING_DOUBLE)
    gtk_entry_set_input_purpose (GTK_ENTRY (entry), GTK_INPUT_PURPOSE_NUMBER);
  g_signal_connect_data (entry, "changed", G_CALLBACK (on_text_changed), editor, editor_free, 0);
  return new_row (editor->setting, entry);
}

/* ── choices ── */

static void
on_selected (AdwComboRow *row, GParamSpec *spec, Editor *editor)
{
  GtkStringObject *item = adw_combo_row_get_selected_item (row);

  if (item != NULL)
    editor->changed (editor->setting, gtk_string_object_get_string (item), editor->data);
}

static GtkWidget *
new_choice_row (Editor *editor, const char *text)
{
  g_auto (GStrv) choices = g_strsplit (editor->setting->choices, "|", -1);
  g_autoptr (GtkStringList) list = gtk_string_list_new ((const char *const *)choices);
  GtkWidget *row = adw_combo_row_new ();

  name_row (row, editor->setting);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
  for (guint i = 0; choices[i] != NULL; i++)
    if (g_str_equal (choices[i], text))
      adw_combo_row_set_selected (ADW_COMBO_ROW (row), i);
  g_signal_connect_data (row, "notify::selected", G_CALLBACK (on_selected), editor, editor_free, 0);
  return row;
}

GtkWidget *
tpda_train_setting_row_new (const TpdTrainSetting *setting, const char *text,
                            TpdaTrainSettingFunc changed, gpointer data)
{
  Editor *editor = g_new (Editor, 1);

  *editor = (Editor){setting, changed, data};
  text = text != NULL ? text : "";
  if (setting->type == TPD_SETTING_INT)
    return new_int_row (editor, text);
  if (setting->choices != NULL)
    return new_choice_row (editor, text);
  return new_text_row (editor, text);
}
