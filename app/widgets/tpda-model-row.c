/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-model-row.h"

#include <glib/gi18n.h>

struct _TpdaModelRow
{
  AdwExpanderRow parent_instance;

  /* owned */
  TpdaModelList *list;
  TpdaModel *model;
  GPtrArray *details; /* rows, borrowed from this one */

  /* of the row */
  GtkWidget *spinner;
  GtkWidget *broken_image;
  GtkWidget *use_button;
  GtkWidget *used_mark;
  GtkWidget *remove_button;
};

G_DEFINE_FINAL_TYPE (TpdaModelRow, tpda_model_row, ADW_TYPE_EXPANDER_ROW)

/* ── details ── */

static void
add_detail (TpdaModelRow *self, const char *title, const char *text)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  g_ptr_array_add (self->details, row);
}

static void
show_details (TpdaModelRow *self)
{
  g_auto (GStrv) problems = tpda_model_get_problems (self->model);
  g_autoptr (GPtrArray) facts = tpda_model_list_facts (self->model);

  for (guint i = 0; i < self->details->len; i++)
    adw_expander_row_remove (ADW_EXPANDER_ROW (self), self->details->pdata[i]);
  g_ptr_array_set_size (self->details, 0);
  for (char **problem = problems; *problem != NULL; problem++)
    add_detail (self, _ ("Problem"), *problem);
  for (guint i = 0; i < facts->len; i++)
    {
      TpdaModelFact *fact = facts->pdata[i];

      add_detail (self, fact->title, fact->text);
    }
}

/* ── the row ── */

static void
show_use (TpdaModelRow *self)
{
  g_autofree char *diagnosis = tpda_model_diagnose (self->model);
  gboolean used =
      g_strcmp0 (tpda_model_list_get_current (self->list), tpda_model_get_id (self->model)) == 0;

  gtk_widget_set_visible (self->used_mark, used);
  gtk_widget_set_visible (self->use_button,
                          !used && diagnosis == NULL && tpda_model_is_known (self->model));
}

static void
show_model (TpdaModelRow *self)
{
  const char *name = tpda_model_get_name (self->model);
  g_autofree char *diagnosis = tpda_model_diagnose (self->model);
  g_autofree char *summary = tpda_model_summarize (self->model);
  g_autofree char *use = g_strdup_printf (_ ("Use %s"), name);
  gboolean known = tpda_model_is_known (self->model);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), name);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), diagnosis != NULL ? diagnosis
                                                          : known           ? summary
                                                                            : _ ("Looking…"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->use_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  use, -1);
  gtk_widget_set_visible (self->broken_image, diagnosis != NULL);
  gtk_widget_set_visible (self->spinner, !known);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), !known);
  show_details (self);
  show_use (self);
}

static void
on_use (TpdaModelRow *self)
{
  tpda_model_list_set_current (self->list, tpda_model_get_id (self->model));
}

static void
on_remove (TpdaModelRow *self)
{
  g_autoptr (TpdaModelRow) keep = g_object_ref (self); /* the list lets go of the row */

  tpda_model_list_remove (self->list, self->model);
}

TpdaModel *
tpda_model_row_get_model (TpdaModelRow *self)
{
  return self->model;
}

GtkWidget *
tpda_model_row_new (TpdaModelList *list, TpdaModel *model)
{
  TpdaModelRow *self = g_object_new (TPDA_TYPE_MODEL_ROW, NULL);
  g_autofree char *remove = NULL;

  self->list = g_object_ref (list);
  self->model = g_object_ref (model);
  g_signal_connect_object (model, "changed", G_CALLBACK (show_model), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (list, "notify::current", G_CALLBACK (show_use), self, G_CONNECT_SWAPPED);
  remove = g_strdup_printf (_ ("Remove %s from the list"), tpda_model_get_name (model));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->remove_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, remove, -1);
  gtk_widget_set_visible (self->remove_button, tpda_model_is_added (model));
  show_model (self);
  return GTK_WIDGET (self);
}

/* ── life cycle ── */

static void
tpda_model_row_dispose (GObject *object)
{
  TpdaModelRow *self = TPDA_MODEL_ROW (object);

  g_clear_object (&self->list);
  g_clear_object (&self->model);
  g_clear_pointer (&self->details, g_ptr_array_unref);
  G_OBJECT_CLASS (tpda_model_row_parent_class)->dispose (object);
}

static void
tpda_model_row_class_init (TpdaModelRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tpda_model_row_dispose;
}

static GtkWidget *
new_used_mark (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("object-select-symbolic"));
  gtk_box_append (GTK_BOX (box), gtk_label_new (_ ("In use")));
  gtk_widget_add_css_class (box, "accent");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  return box;
}

static GtkWidget *
add_button (TpdaModelRow *self, GtkWidget *button, GCallback clicked)
{
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  adw_expander_row_add_action (ADW_EXPANDER_ROW (self), button);
  return button;
}

static void
tpda_model_row_init (TpdaModelRow *self)
{
  AdwExpanderRow *row = ADW_EXPANDER_ROW (self);

  self->details = g_ptr_array_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  self->broken_image = gtk_image_new_from_icon_name ("dialog-warning-symbolic");
  gtk_widget_add_css_class (self->broken_image, "warning");
  adw_expander_row_add_prefix (row, self->broken_image);
  self->spinner = gtk_spinner_new ();
  adw_expander_row_add_action (row, self->spinner);
  self->used_mark = new_used_mark ();
  adw_expander_row_add_action (row, self->used_mark);
  self->use_button = add_button (self, gtk_button_new_with_label (_ ("Use")), G_CALLBACK (on_use));
  self->remove_button = add_button (self, gtk_button_new_from_icon_name ("list-remove-symbolic"),
                                    G_CALLBACK (on_remove));
  gtk_widget_add_css_class (self->remove_button, "flat");
  gtk_widget_set_tooltip_text (self->remove_button, _ ("Remove From the List"));
}
