/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-export-dialog.h"

#include <glib/gi18n.h>

#include "tpda-export-estimate.h"

/* Clips are offered at these multiples of their size; players show tiny videos badly, so the first
 * choice is the one that reaches this many pixels. */
static const guint factors[] = {1, 2, 4, 8};
#define GOOD_SIZE 256

struct _TpdaExportDialog
{
  AdwWindow parent_instance;

  /* of the template */
  GtkButton *export_button;
  GtkProgressBar *progress;
  GtkWidget *page;
  AdwComboRow *format_row;
  AdwEntryRow *name_row;
  AdwActionRow *folder_row;
  AdwComboRow *size_row;
  GtkSwitch *pixels_switch;
  GtkAdjustment *fps;
  AdwActionRow *loops_row;
  GtkAdjustment *loops;
  GtkSwitch *ping_pong_switch;
  GtkWidget *quality_row;
  GtkAdjustment *quality;
  AdwActionRow *estimate_row;
  GtkLabel *message;

  /* owned */
  GSettings *settings;
  TpdaClip *clip;
  char *folder;
  GCancellable *cancellable;
  GtkFileChooserNative *chooser; /* while it is open */
};

G_DEFINE_FINAL_TYPE (TpdaExportDialog, tpda_export_dialog, ADW_TYPE_WINDOW)

static guint exported_signal;

/* ── what is chosen ── */

static const TpdaFormat *
chosen_format (TpdaExportDialog *self)
{
  guint n;
  const TpdaFormat *const *list = tpda_format_list (&n);
  guint selected = adw_combo_row_get_selected (self->format_row);

  return selected < n ? list[selected] : NULL;
}

static TpdaExportOptions
chosen_options (TpdaExportDialog *self)
{
  const TpdClip *clip = tpda_clip_get_data (self->clip);
  double own = (double)clip->fps_n / clip->fps_d;
  double fps = gtk_adjustment_get_value (self->fps);

  return (TpdaExportOptions){
      .format = chosen_format (self),
      .width = clip->width * factors[adw_combo_row_get_selected (self->size_row)],
      .pixels = gtk_switch_get_active (self->pixels_switch),
      .fps = ABS (fps - own) < 0.01 ? 0 : fps,
      .loops = (guint)gtk_adjustment_get_value (self->loops),
      .ping_pong = gtk_switch_get_active (self->ping_pong_switch),
      .quality = (guint)gtk_adjustment_get_value (self->quality),
  };
}

static char *
chosen_path (TpdaExportDialog *self)
{
  const char *extension = chosen_format (self)->extension;
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name_row));
  g_autofree char *file =
      extension != NULL ? g_strdup_printf ("%s.%s", name, extension) : g_strdup (name);

  return g_build_filename (self->folder, file, NULL);
}

static gboolean
is_name_valid (TpdaExportDialog *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name_row));

  return *name != '\0' && strchr (name, G_DIR_SEPARATOR) == NULL;
}

/* ── what follows from it ── */

static void
show_message (TpdaExportDialog *self, const char *text, gboolean is_error)
{
  gtk_label_set_text (self->message, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), text != NULL);
  if (is_error)
    gtk_widget_add_css_class (GTK_WIDGET (self->message), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->message), "error");
}

static void
show_estimate (TpdaExportDialog *self)
{
  TpdaExportOptions options = chosen_options (self);
  g_autofree char *size = options.format != NULL
                              ? g_format_size (tpda_export_estimate (
                                    self->settings, tpda_clip_get_data (self->clip), &options))
                              : NULL;
  /* Translators: how large a file will be, roughly: "about 120 kB" */
  g_autofree char *text = size != NULL ? g_strdup_printf (_ ("about %s"), size) : NULL;

  adw_action_row_set_subtitle (self->estimate_row, text != NULL ? text : "");
}

static void
update (TpdaExportDialog *self)
{
  const TpdaFormat *format = chosen_format (self);
  gboolean possible = format != NULL && is_name_valid (self) && self->cancellable == NULL;
  g_autofree char *path = format != NULL ? chosen_path (self) : NULL;
  gboolean replaces = possible && g_file_test (path, G_FILE_TEST_EXISTS);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "dialog.export", possible);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "dialog.copy-pipeline", format != NULL);
  gtk_button_set_label (self->export_button, replaces ? _ ("_Replace") : _ ("_Export"));
  show_message (self, replaces ? _ ("There is already a file of this name.") : NULL, FALSE);
  adw_action_row_set_subtitle (self->folder_row, self->folder);
  show_estimate (self);
  if (format == NULL)
    return;
  gtk_widget_set_visible (self->quality_row, tpda_format_has_quality (format));
  adw_action_row_set_subtitle (self->loops_row, format->loops != NULL
                                                    ? _ ("0 repeats for ever")
                                                    : _ ("How often the clip is shown"));
}

/* While the dialog is being filled in there is nothing to estimate. */
static void
on_size (TpdaExportDialog *self)
{
  if (self->settings != NULL)
    show_estimate (self);
}

/* ── exporting ── */

static void
on_progress (double fraction, gpointer data)
{
  TpdaExportDialog *self = data;

  if (self->progress != NULL) /* else the window was closed, which cancels */
    gtk_progress_bar_set_fraction (self->progress, fraction);
}

static void
set_busy (TpdaExportDialog *self, gboolean busy)
{
  gtk_widget_set_visible (GTK_WIDGET (self->progress), busy);
  gtk_widget_set_sensitive (self->page, !busy);
  update (self);
}

static void
on_exported (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TpdaExportDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  g_clear_object (&self->cancellable);
  if (tpda_export_finish (result, &error))
    {
      TpdaExportOptions options = chosen_options (self);

      path = chosen_path (self);
      tpda_export_estimate_learn (self->settings, tpda_clip_get_data (self->clip), &options, path);
      g_signal_emit (self, exported_signal, 0, path);
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the window is gone */
  set_busy (self, FALSE);
  show_message (self, error->message, TRUE);
}

static void
remember (TpdaExportDialog *self)
{
  g_settings_set_string (self->settings, "export-format", chosen_format (self)->id);
  g_settings_set_string (self->settings, "export-folder", self->folder);
}

static void
start_export (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaExportDialog *self = TPDA_EXPORT_DIALOG (widget);
  TpdaExportOptions options = chosen_options (self);
  g_autofree char *path = chosen_path (self);

  remember (self);
  g_mkdir_with_parents (self->folder, 0777); /* or opening the file says what is wrong */
  self->cancellable = g_cancellable_new ();
  gtk_progress_bar_set_fraction (self->progress, 0);
  set_busy (self, TRUE);
  tpda_export_async (self->clip, path, &options, on_progress, self, self->cancellable, on_exported,
                     g_object_ref (self));
}

static void
copy_pipeline (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaExportDialog *self = TPDA_EXPORT_DIALOG (widget);
  TpdaExportOptions options = chosen_options (self);
  g_autofree char *path = chosen_path (self);
  g_autofree char *command = tpda_export_command (self->clip, path, &options);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), command);
  show_message (self, _ ("Copied. Paste it into a terminal."), FALSE);
}

/* ── the folder ── */

static void
on_folder_response (TpdaExportDialog *self, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));

      g_free (self->folder);
      self->folder = g_file_get_path (folder);
      update (self);
    }
  g_clear_object (&self->chooser);
}

static void
choose_folder (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaExportDialog *self = TPDA_EXPORT_DIALOG (widget);

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_ ("Choose a Folder"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL, NULL);
  g_signal_connect_swapped (self->chooser, "response", G_CALLBACK (on_folder_response), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* ── filling it in ── */

static void
fill_formats (TpdaExportDialog *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  g_autofree char *last = g_settings_get_string (self->settings, "export-format");
  guint n;
  const TpdaFormat *const *list = tpda_format_list (&n);

  for (guint i = 0; i < n; i++)
    gtk_string_list_append (names, _ (list[i]->name));
  adw_combo_row_set_model (self->format_row, G_LIST_MODEL (names));
  for (guint i = 0; i < n; i++)
    if (g_str_equal (list[i]->id, last))
      adw_combo_row_set_selected (self->format_row, i);
}

static void
fill_sizes (TpdaExportDialog *self)
{
  const TpdClip *clip = tpda_clip_get_data (self->clip);
  g_autoptr (GtkStringList) sizes = gtk_string_list_new (NULL);
  guint good = 0;

  for (guint i = 0; i < G_N_ELEMENTS (factors); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("%u × %u", clip->width * factors[i], clip->height * factors[i]);

      gtk_string_list_append (sizes, text);
      if (MAX (clip->width, clip->height) * factors[good] < GOOD_SIZE)
        good = i;
    }
  adw_combo_row_set_model (self->size_row, G_LIST_MODEL (sizes));
  adw_combo_row_set_selected (self->size_row, good);
}

static char *
default_folder (GSettings *settings)
{
  g_autofree char *last = g_settings_get_string (settings, "export-folder");
  const char *videos = g_get_user_special_dir (G_USER_DIRECTORY_VIDEOS);

  if (*last != '\0')
    return g_steal_pointer (&last);
  return g_strdup (videos != NULL ? videos : g_get_home_dir ());
}

TpdaExportDialog *
tpda_export_dialog_new (GtkWindow *parent, GSettings *settings, TpdaClip *clip, const char *name)
{
  TpdaExportDialog *self = g_object_new (TPDA_TYPE_EXPORT_DIALOG, "transient-for", parent, NULL);
  const TpdClip *data = tpda_clip_get_data (clip);

  self->settings = g_object_ref (settings);
  self->clip = g_object_ref (clip);
  self->folder = default_folder (settings);
  fill_sizes (self);
  fill_formats (self);
  gtk_adjustment_set_value (self->fps, (double)data->fps_n / data->fps_d);
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), name);
  update (self);
  return self;
}

/* ── life cycle ── */

static gboolean
tpda_export_dialog_close_request (GtkWindow *window)
{
  g_cancellable_cancel (TPDA_EXPORT_DIALOG (window)->cancellable);
  return GTK_WINDOW_CLASS (tpda_export_dialog_parent_class)->close_request (window);
}

static void
tpda_export_dialog_finalize (GObject *object)
{
  TpdaExportDialog *self = TPDA_EXPORT_DIALOG (object);

  g_clear_object (&self->settings);
  g_clear_object (&self->clip);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->chooser);
  g_free (self->folder);
  G_OBJECT_CLASS (tpda_export_dialog_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *klass)
{
  gtk_widget_class_set_template_from_resource (klass,
                                               "/org/tpdiff/Studio/widgets/tpda-export-dialog.ui");
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, export_button);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, progress);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, page);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, format_row);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, name_row);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, folder_row);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, size_row);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, pixels_switch);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, fps);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, loops_row);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, loops);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, ping_pong_switch);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, quality_row);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, quality);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, estimate_row);
  gtk_widget_class_bind_template_child (klass, TpdaExportDialog, message);
}

static void
tpda_export_dialog_class_init (TpdaExportDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tpda_export_dialog_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = tpda_export_dialog_close_request;
  bind_template (widget_class);
  gtk_widget_class_install_action (widget_class, "dialog.export", NULL, start_export);
  gtk_widget_class_install_action (widget_class, "dialog.copy-pipeline", NULL, copy_pipeline);
  gtk_widget_class_install_action (widget_class, "dialog.choose-folder", NULL, choose_folder);
  exported_signal = g_signal_new ("exported", TPDA_TYPE_EXPORT_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
tpda_export_dialog_init (TpdaExportDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->format_row, "notify::selected", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->name_row, "changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->size_row, "notify::selected", G_CALLBACK (on_size), self);
  g_signal_connect_swapped (self->loops, "value-changed", G_CALLBACK (on_size), self);
  g_signal_connect_swapped (self->ping_pong_switch, "notify::active", G_CALLBACK (on_size), self);
  g_signal_connect_swapped (self->quality, "value-changed", G_CALLBACK (on_size), self);
}
