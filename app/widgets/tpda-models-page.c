/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-models-page.h"

#include <glib/gi18n.h>

#include "tpda-model-row.h"

struct _TpdaModelsPage
{
  AdwBin parent_instance;

  /* owned */
  TpdaModelList *list;
  GPtrArray *rows;               /* TpdaModelRow, borrowed from the group */
  GtkFileChooserNative *chooser; /* while it is open */

  /* of the widget tree */
  AdwPreferencesGroup *group;
};

G_DEFINE_FINAL_TYPE (TpdaModelsPage, tpda_models_page, ADW_TYPE_BIN)

/* ── adding a folder ── */

static void
on_chosen (TpdaModelsPage *self, int response)
{
  g_autoptr (GFile) folder = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
      if (g_file_peek_path (folder) != NULL)
        tpda_model_list_add (self->list, g_file_peek_path (folder));
    }
  g_clear_object (&self->chooser);
}

static void
add_folder (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaModelsPage *self = TPDA_MODELS_PAGE (widget);

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (
      _ ("Folder of a Model"), GTK_WINDOW (gtk_widget_get_root (widget)),
      GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Add"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_chosen), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
refresh (GtkWidget *widget, const char *action, GVariant *parameter)
{
  tpda_model_list_refresh (TPDA_MODELS_PAGE (widget)->list);
}

/* ── the list ── */

static void
add_row (TpdaModelsPage *self, guint i)
{
  g_autoptr (TpdaModel) model = g_list_model_get_item (G_LIST_MODEL (self->list), i);
  GtkWidget *row = tpda_model_row_new (self->list, model);

  adw_preferences_group_add (self->group, row);
  g_ptr_array_insert (self->rows, (int)i, row);
}

/* Models come at the end or all at once, so that rows are in the list's order. */
static void
on_items_changed (TpdaModelsPage *self, guint position, guint removed, guint added)
{
  for (guint i = 0; i < removed; i++)
    {
      adw_preferences_group_remove (self->group, self->rows->pdata[position]);
      g_ptr_array_remove_index (self->rows, position);
    }
  for (guint i = 0; i < added; i++)
    add_row (self, position + i);
}

void
tpda_models_page_set_up (TpdaModelsPage *self, TpdaModelList *list)
{
  self->list = g_object_ref (list);
  g_signal_connect_object (list, "items-changed", G_CALLBACK (on_items_changed), self,
                           G_CONNECT_SWAPPED);
  on_items_changed (self, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (list)));
}

/* ── life cycle ── */

static void
tpda_models_page_dispose (GObject *object)
{
  TpdaModelsPage *self = TPDA_MODELS_PAGE (object);

  g_clear_object (&self->chooser);
  g_clear_object (&self->list);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (tpda_models_page_parent_class)->dispose (object);
}

static void
tpda_models_page_class_init (TpdaModelsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tpda_models_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tpdiff/Studio/widgets/tpda-models-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TpdaModelsPage, group);
  gtk_widget_class_install_action (widget_class, "models.add-folder", NULL, add_folder);
  gtk_widget_class_install_action (widget_class, "models.refresh", NULL, refresh);
}

static void
tpda_models_page_init (TpdaModelsPage *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
