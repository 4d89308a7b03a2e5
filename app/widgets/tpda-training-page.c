/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-training-page.h"

#include <glib/gi18n.h>

#include "tpda-training-form.h"
#include "tpda-training-view.h"

struct _TpdaTrainingPage
{
  AdwBin parent_instance;

  /* owned */
  TpdaModelList *models;
  TpdaTrainingList *trainings;

  /* of the template */
  GtkStack *stack;
  GtkWidget *back_bar;
  GtkWidget *overview;
  GtkListBox *list;
  GtkWidget *empty;
  GtkWidget *filled;
  TpdaTrainingForm *form;
  TpdaTrainingView *view;
};

G_DEFINE_FINAL_TYPE (TpdaTrainingPage, tpda_training_page, ADW_TYPE_BIN)

static guint use_signal;

/* ── going from one to the other ── */

static void
go_to (TpdaTrainingPage *self, GtkWidget *child)
{
  gtk_stack_set_visible_child (self->stack, child);
  gtk_widget_set_visible (self->back_bar, child != self->overview);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.back", child != self->overview);
}

static void
go_back (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaTrainingPage *self = TPDA_TRAINING_PAGE (widget);

  go_to (self, self->overview);
}

static void
go_to_form (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaTrainingPage *self = TPDA_TRAINING_PAGE (widget);

  tpda_training_form_refresh (self->form);
  go_to (self, GTK_WIDGET (self->form));
}

static void
go_to_training (TpdaTrainingPage *self, TpdaTraining *training)
{
  tpda_training_view_set_training (self->view, training);
  go_to (self, GTK_WIDGET (self->view));
}

/* ── the list ── */

static void
show_training (TpdaTraining *training, AdwActionRow *row)
{
  g_autofree char *text = tpda_training_describe (training);

  adw_action_row_set_subtitle (row, text);
}

static void
on_open (GtkButton *button, TpdaTraining *training)
{
  GtkWidget *page = gtk_widget_get_ancestor (GTK_WIDGET (button), TPDA_TYPE_TRAINING_PAGE);

  go_to_training (TPDA_TRAINING_PAGE (page), training);
}

static GtkWidget *
new_row (gpointer item, gpointer data)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_from_icon_name ("go-next-symbolic");

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), tpda_training_get_name (item));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_open), item, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  /* The row's title is read after it. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Show"), -1);
  g_signal_connect_object (item, "changed", G_CALLBACK (show_training), row, 0);
  show_training (item, ADW_ACTION_ROW (row));
  return row;
}

static void
on_items_changed (TpdaTrainingPage *self)
{
  gboolean any = g_list_model_get_n_items (G_LIST_MODEL (self->trainings)) > 0;

  gtk_widget_set_visible (self->filled, any);
  gtk_widget_set_visible (self->empty, !any);
}

/* ── what the form and the view ask for ── */

static void
on_created (TpdaTrainingPage *self, TpdaTraining *training)
{
  go_to_training (self, training);
  gtk_widget_activate_action (GTK_WIDGET (self->view), "training.run", NULL);
}

static void
on_use (TpdaTrainingPage *self)
{
  TpdaTraining *training = tpda_training_view_get_training (self->view);

  tpda_model_list_refresh (self->models);
  g_signal_emit (self, use_signal, 0, tpda_training_get_name (training));
}

static void
on_remove (TpdaTrainingPage *self)
{
  g_autoptr (TpdaTraining) training = g_object_ref (tpda_training_view_get_training (self->view));
  GtkWidget *toasts = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_TOAST_OVERLAY);
  g_autoptr (GError) error = NULL;

  if (!tpda_training_list_remove (self->trainings, training, &error))
    {
      g_autofree char *title = g_markup_escape_text (error->message, -1);

      adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (toasts), adw_toast_new (title));
      return;
    }
  tpda_training_view_set_training (self->view, NULL);
  go_to (self, self->overview);
}

/* ── life cycle ── */

void
tpda_training_page_set_up (TpdaTrainingPage *self, TpdaModelList *models,
                           TpdaTrainingList *trainings)
{
  self->models = g_object_ref (models);
  self->trainings = g_object_ref (trainings);
  tpda_training_form_set_up (self->form, models, trainings);
  tpda_training_view_set_up (self->view, trainings);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (trainings), new_row, NULL, NULL);
  g_signal_connect_object (trainings, "items-changed", G_CALLBACK (on_items_changed), self,
                           G_CONNECT_SWAPPED);
  on_items_changed (self);
  go_to (self, self->overview);
}

static void
tpda_training_page_dispose (GObject *object)
{
  TpdaTrainingPage *self = TPDA_TRAINING_PAGE (object);

  g_clear_object (&self->models);
  g_clear_object (&self->trainings);
  G_OBJECT_CLASS (tpda_training_page_parent_class)->dispose (object);
}

static void
tpda_training_page_class_init (TpdaTrainingPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tpda_training_page_dispose;
  g_type_ensure (TPDA_TYPE_TRAINING_FORM);
  g_type_ensure (TPDA_TYPE_TRAINING_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tpdiff/Studio/widgets/tpda-training-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingPage, back_bar);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingPage, overview);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingPage, list);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingPage, empty);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingPage, filled);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingPage, form);
  gtk_widget_class_bind_template_child (widget_class, TpdaTrainingPage, view);
  gtk_widget_class_bind_template_callback (widget_class, on_created);
  gtk_widget_class_bind_template_callback (widget_class, on_use);
  gtk_widget_class_bind_template_callback (widget_class, on_remove);
  gtk_widget_class_install_action (widget_class, "page.back", NULL, go_back);
  gtk_widget_class_install_action (widget_class, "page.new-training", NULL, go_to_form);
  use_signal = g_signal_new ("use", TPDA_TYPE_TRAINING_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                             G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
tpda_training_page_init (TpdaTrainingPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
