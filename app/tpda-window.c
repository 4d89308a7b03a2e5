/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-window.h"

#include <glib/gi18n.h>

#include "tpda-clip-record.h"
#include "widgets/tpda-generate-page.h"
#include "widgets/tpda-history-page.h"
#include "widgets/tpda-models-page.h"
#include "widgets/tpda-training-page.h"

struct _TpdaWindow
{
  AdwApplicationWindow parent_instance;

  /* of the template */
  AdwToastOverlay *toasts;
  AdwViewStack *pages;
  GtkStack *generate_stack;
  GtkToggleButton *settings_button;
  TpdaGeneratePage *generate_page;
  AdwStatusPage *broken_page;
  TpdaHistoryPage *history_page;
  TpdaModelsPage *models_page;
  TpdaTrainingPage *training_page;

  /* owned */
  GtkFileChooserNative *chooser; /* while it is open */
  GPtrArray *deleted;            /* TpdaLibraryItem, which the toast brings back */

  /* borrowed */
  TpdaLibrary *library; /* from the application */
  AdwToast *undo;       /* from the overlay; NULL if nothing was deleted just now */
};

G_DEFINE_FINAL_TYPE (TpdaWindow, tpda_window, ADW_TYPE_APPLICATION_WINDOW)

static void
toggle_settings (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkToggleButton *button = TPDA_WINDOW (widget)->settings_button;

  gtk_toggle_button_set_active (button, !gtk_toggle_button_get_active (button));
}

/* ── pages ── */

static void
show_page (GtkWidget *widget, const char *action, GVariant *parameter)
{
  adw_view_stack_set_visible_child_name (TPDA_WINDOW (widget)->pages,
                                         g_variant_get_string (parameter, NULL));
}

/* What the header bar has for one page alone is shown with that page. */
static void
on_page_shown (TpdaWindow *self)
{
  const char *page = adw_view_stack_get_visible_child_name (self->pages);
  gboolean generate = g_strcmp0 (page, "generate") == 0;

  gtk_widget_set_visible (GTK_WIDGET (self->settings_button), generate);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.toggle-settings", generate);
  if (self->undo != NULL && g_strcmp0 (page, "history") != 0)
    adw_toast_dismiss (self->undo);
}

/* ── after an export ── */

static void
open_folder (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autoptr (GFile) file = g_file_new_for_path (g_variant_get_string (parameter, NULL));
  g_autofree char *uri = g_file_get_uri (file);

  gtk_show_uri (GTK_WINDOW (widget), uri, GDK_CURRENT_TIME);
}

static void
on_exported (TpdaWindow *self, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *title = g_markup_printf_escaped (_ ("Exported “%s”"), name);
  AdwToast *toast = adw_toast_new (title);

  adw_toast_set_button_label (toast, _ ("Open Folder"));
  adw_toast_set_action_name (toast, "win.open-folder");
  adw_toast_set_action_target (toast, "s", folder);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* ── clips that were made ── */

static void
on_failed (TpdaWindow *self, const char *message)
{
  g_autofree char *title = g_markup_escape_text (message, -1);
  AdwToast *toast = adw_toast_new (title);

  adw_toast_set_timeout (toast, 0); /* until somebody has read it */
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
on_use_settings (TpdaWindow *self, TpdaLibraryItem *item)
{
  tpda_generate_page_use_settings (self->generate_page, tpda_library_item_get_request (item));
  adw_view_stack_set_visible_child_name (self->pages, "generate");
}

/* ── clips that were deleted ── */

static void
on_undo (TpdaWindow *self)
{
  for (guint i = 0; i < self->deleted->len; i++)
    tpda_library_restore (self->library, self->deleted->pdata[i]);
  g_ptr_array_set_size (self->deleted, 0);
}

static void
on_undo_dismissed (TpdaWindow *self)
{
  for (guint i = 0; i < self->deleted->len; i++)
    tpda_library_purge (self->library, self->deleted->pdata[i]);
  g_ptr_array_set_size (self->deleted, 0);
  self->undo = NULL;
}

/* Stays while the history is shown: the usual five seconds are over before someone who listens to a
 * screen reader, or has many widgets to pass with the keyboard, has come to the button. */
static AdwToast *
new_undo_toast (TpdaWindow *self)
{
  AdwToast *toast = adw_toast_new ("");

  adw_toast_set_timeout (toast, 0);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_set_button_label (toast, _ ("Undo"));
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (on_undo), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (on_undo_dismissed), self,
                           G_CONNECT_SWAPPED);
  return toast;
}

static void
on_removed (TpdaWindow *self, TpdaLibraryItem *item)
{
  gboolean is_new = self->undo == NULL;
  g_autofree char *title = NULL;

  g_ptr_array_add (self->deleted, g_object_ref (item));
  title = g_strdup_printf (ngettext ("%u clip deleted", "%u clips deleted", self->deleted->len),
                           self->deleted->len);
  if (is_new)
    self->undo = new_undo_toast (self);
  adw_toast_set_title (self->undo, title);
  if (is_new)
    adw_toast_overlay_add_toast (self->toasts, self->undo);
}

/* ── files that were exported ── */

static void
on_record_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TpdaWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdRequest) request = tpda_clip_record_read_finish (result, &error);

  if (request == NULL)
    {
      on_failed (self, error->message);
      return;
    }
  tpda_generate_page_use_settings (self->generate_page, request);
  adw_view_stack_set_visible_child_name (self->pages, "generate");
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (_ ("Settings restored")));
}

void
tpda_window_open_file (TpdaWindow *self, GFile *file)
{
  tpda_clip_record_read_async (file, NULL, on_record_read, g_object_ref (self));
}

static void
on_file_chosen (TpdaWindow *self, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));

      tpda_window_open_file (self, file);
    }
  g_clear_object (&self->chooser);
}

static void
choose_file (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaWindow *self = TPDA_WINDOW (widget);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  if (self->chooser != NULL)
    return;
  gtk_file_filter_set_name (filter, _ ("Videos and pictures"));
  gtk_file_filter_add_mime_type (filter, "video/*");
  gtk_file_filter_add_mime_type (filter, "image/*");
  self->chooser =
      gtk_file_chooser_native_new (_ ("Restore the Settings of a Clip"), GTK_WINDOW (self),
                                   GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_file_chosen), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static gboolean
on_dropped (GtkDropTarget *target, const GValue *value, double x, double y, TpdaWindow *self)
{
  GSList *files = g_value_get_boxed (value);

  if (files == NULL)
    return FALSE;
  tpda_window_open_file (self, files->data);
  return TRUE;
}

static void
accept_files (TpdaWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect (target, "drop", G_CALLBACK (on_dropped), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

/* ── models ── */

/* What was trained is what clips are made with from now on. */
static void
on_use_model (TpdaWindow *self, const char *id, TpdaTrainingPage *page)
{
  TpdaApplication *application = TPDA_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));

  tpda_model_list_set_current (tpda_application_get_models (application), id);
  adw_view_stack_set_visible_child_name (self->pages, "generate");
}

/* ── setting up ── */

static void
set_up_history_page (TpdaWindow *self, TpdaApplication *application)
{
  self->library = tpda_application_get_library (application);
  tpda_history_page_set_up (self->history_page, self->library,
                            tpda_application_get_settings (application));
  g_signal_connect_object (self->library, "failed", G_CALLBACK (on_failed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->history_page, "failed", G_CALLBACK (on_failed), self);
  g_signal_connect_swapped (self->history_page, "exported", G_CALLBACK (on_exported), self);
  g_signal_connect_swapped (self->history_page, "use-settings", G_CALLBACK (on_use_settings), self);
  g_signal_connect_swapped (self->history_page, "removed", G_CALLBACK (on_removed), self);
}

static void
restore_size (TpdaWindow *self, GSettings *settings)
{
  g_settings_bind (settings, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
}

static void
set_up_generate_page (TpdaWindow *self, TpdaApplication *application)
{
  const GError *error;
  TpdaGenerator *generator = tpda_application_get_generator (application, &error);

  if (generator == NULL)
    {
      adw_status_page_set_description (self->broken_page, error->message);
      gtk_stack_set_visible_child (self->generate_stack, GTK_WIDGET (self->broken_page));
      return;
    }
  tpda_generate_page_set_up (self->generate_page, generator,
                             tpda_application_get_models (application),
                             tpda_application_get_settings (application));
  g_signal_connect_swapped (self->generate_page, "exported", G_CALLBACK (on_exported), self);
  g_object_bind_property (tpda_generate_page_get_flap (self->generate_page), "reveal-flap",
                          self->settings_button, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
}

static void
set_up_other_pages (TpdaWindow *self, TpdaApplication *application)
{
  TpdaModelList *models = tpda_application_get_models (application);

  tpda_models_page_set_up (self->models_page, models);
  tpda_training_page_set_up (self->training_page, models,
                             tpda_application_get_trainings (application));
  g_signal_connect_object (self->training_page, "use", G_CALLBACK (on_use_model), self,
                           G_CONNECT_SWAPPED);
}

TpdaWindow *
tpda_window_new (TpdaApplication *application)
{
  TpdaWindow *self = g_object_new (TPDA_TYPE_WINDOW, "application", application, NULL);

  restore_size (self, tpda_application_get_settings (application));
  set_up_generate_page (self, application);
  set_up_history_page (self, application);
  set_up_other_pages (self, application);
  return self;
}

static void
tpda_window_dispose (GObject *object)
{
  g_clear_object (&TPDA_WINDOW (object)->chooser);
  g_ptr_array_set_size (TPDA_WINDOW (object)->deleted, 0);
  G_OBJECT_CLASS (tpda_window_parent_class)->dispose (object);
}

static void
tpda_window_finalize (GObject *object)
{
  g_ptr_array_unref (TPDA_WINDOW (object)->deleted);
  G_OBJECT_CLASS (tpda_window_parent_class)->finalize (object);
}

static void
tpda_window_class_init (TpdaWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tpda_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = tpda_window_finalize;
  g_type_ensure (TPDA_TYPE_GENERATE_PAGE);
  g_type_ensure (TPDA_TYPE_HISTORY_PAGE);
  g_type_ensure (TPDA_TYPE_MODELS_PAGE);
  g_type_ensure (TPDA_TYPE_TRAINING_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/tpdiff/Studio/tpda-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TpdaWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, TpdaWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, TpdaWindow, generate_stack);
  gtk_widget_class_bind_template_child (widget_class, TpdaWindow, settings_button);
  gtk_widget_class_bind_template_child (widget_class, TpdaWindow, generate_page);
  gtk_widget_class_bind_template_child (widget_class, TpdaWindow, broken_page);
  gtk_widget_class_bind_template_child (widget_class, TpdaWindow, history_page);
  gtk_widget_class_bind_template_child (widget_class, TpdaWindow, models_page);
  gtk_widget_class_bind_template_child (widget_class, TpdaWindow, training_page);
  gtk_widget_class_install_action (widget_class, "win.toggle-settings", NULL, toggle_settings);
  gtk_widget_class_install_action (widget_class, "win.show-page", "s", show_page);
  gtk_widget_class_install_action (widget_class, "win.open-file", NULL, choose_file);
  gtk_widget_class_install_action (widget_class, "win.open-folder", "s", open_folder);
}

static void
tpda_window_init (TpdaWindow *self)
{
  self->deleted = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->pages, "notify::visible-child", G_CALLBACK (on_page_shown), self);
  on_page_shown (self);
  accept_files (self);
}
