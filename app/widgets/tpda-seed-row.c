/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-seed-row.h"

#include <glib/gi18n.h>

#include "tpda-setting-row.h"

/* Rolled seeds stay short enough to be read out. */
#define ROLL_LIMIT 1000000

struct _TpdaSeedRow
{
  AdwEntryRow parent_instance;

  /* owned by the row */
  GtkToggleButton *lock;

  /* owned */
  GObject *object;
  GParamSpec *spec;
};

G_DEFINE_FINAL_TYPE (TpdaSeedRow, tpda_seed_row, ADW_TYPE_ENTRY_ROW)

static GtkWidget *
style (GtkWidget *button, const char *tooltip)
{
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  return button;
}

static void
on_lock_toggled (TpdaSeedRow *self)
{
  gtk_button_set_icon_name (GTK_BUTTON (self->lock), gtk_toggle_button_get_active (self->lock)
                                                         ? "changes-prevent-symbolic"
                                                         : "changes-allow-symbolic");
}

static gboolean
seed_to_text (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_take_string (to, g_strdup_printf ("%" G_GUINT64_FORMAT, g_value_get_uint64 (from)));
  return TRUE;
}

static gboolean
text_to_seed (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  TpdaSeedRow *self = data;
  GParamSpecUInt64 *spec = G_PARAM_SPEC_UINT64 (self->spec);
  guint64 seed;
  gboolean valid = g_ascii_string_to_unsigned (g_value_get_string (from), 10, spec->minimum,
                                               spec->maximum, &seed, NULL);

  if (valid)
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self), "error");
      g_value_set_uint64 (to, seed);
    }
  else
    gtk_widget_add_css_class (GTK_WIDGET (self), "error");
  return valid;
}

GtkWidget *
tpda_seed_row_new (GObject *object, GParamSpec *spec)
{
  TpdaSeedRow *self = g_object_new (TPDA_TYPE_SEED_ROW, NULL);

  self->object = g_object_ref (object);
  self->spec = g_param_spec_ref (spec);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), tpda_setting_title (spec));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tpda_setting_blurb (spec));
  g_object_bind_property_full (object, spec->name, self, "text",
                               G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE, seed_to_text,
                               text_to_seed, self, NULL);
  return GTK_WIDGET (self);
}

gboolean
tpda_seed_row_is_locked (TpdaSeedRow *self)
{
  return gtk_toggle_button_get_active (self->lock);
}

void
tpda_seed_row_set_locked (TpdaSeedRow *self, gboolean locked)
{
  gtk_toggle_button_set_active (self->lock, locked);
}

void
tpda_seed_row_roll (TpdaSeedRow *self)
{
  guint64 seed = (guint64)g_random_int_range (0, ROLL_LIMIT);

  g_object_set (self->object, self->spec->name, seed, NULL);
}

static void
tpda_seed_row_finalize (GObject *object)
{
  TpdaSeedRow *self = TPDA_SEED_ROW (object);

  g_clear_object (&self->object);
  g_clear_pointer (&self->spec, g_param_spec_unref);
  G_OBJECT_CLASS (tpda_seed_row_parent_class)->finalize (object);
}

static void
tpda_seed_row_class_init (TpdaSeedRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpda_seed_row_finalize;
}

static void
tpda_seed_row_init (TpdaSeedRow *self)
{
  GtkWidget *dice = style (gtk_button_new_from_icon_name ("media-playlist-shuffle-symbolic"),
                           _ ("Roll another seed"));

  self->lock = GTK_TOGGLE_BUTTON (style (gtk_toggle_button_new (), _ ("Keep this seed")));
  adw_entry_row_set_input_purpose (ADW_ENTRY_ROW (self), GTK_INPUT_PURPOSE_DIGITS);
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (self), dice);
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (self), GTK_WIDGET (self->lock));
  g_signal_connect_swapped (dice, "clicked", G_CALLBACK (tpda_seed_row_roll), self);
  g_signal_connect_swapped (self->lock, "toggled", G_CALLBACK (on_lock_toggled), self);
  on_lock_toggled (self);
}
