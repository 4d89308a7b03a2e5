/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-history-viewer.h"

#include <glib/gi18n.h>

#include "tpda-export-dialog.h"
#include "tpda-export-text.h"
#include "tpda-history-tile.h"
#include "tpda-player.h"

struct _TpdaHistoryViewer
{
  AdwBin parent_instance;

  /* of the template */
  TpdaPlayer *player;
  GtkLabel *title;
  GtkLabel *negative;
  GtkLabel *subtitle;
  GtkLabel *message;

  /* owned */
  TpdaLibrary *library;
  GSettings *settings;
  TpdaLibraryItem *item;
  GCancellable *loading;
};

G_DEFINE_FINAL_TYPE (TpdaHistoryViewer, tpda_history_viewer, ADW_TYPE_BIN)

enum
{
  USE_SETTINGS,
  REMOVE,
  EXPORTED,
  CLOSE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ── showing it ── */

static void
set_text (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

static void
show_clip (TpdaHistoryViewer *self, TpdaClip *clip)
{
  tpda_player_set_clip (self->player, clip, NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "viewer.export", clip != NULL);
  if (clip == NULL)
    tpda_player_pause (self->player);
  else
    {
      tpda_player_seek (self->player, 0);
      tpda_player_play (self->player);
    }
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TpdaHistoryViewer) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdaClip) clip = tpda_library_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* another one is shown by now, or none */
  if (clip == NULL)
    set_text (self->message, error->message);
  else
    show_clip (self, clip);
}

static void
show_words (TpdaHistoryViewer *self)
{
  const TpdRequest *request = tpda_library_item_get_request (self->item);
  g_autofree char *title = tpda_history_title (self->item);
  g_autofree char *subtitle = tpda_history_subtitle (self->item);
  g_autofree char *negative = request != NULL && request->negative_prompt != NULL
                                  /* Translators: what the clip was steered away from */
                                  ? g_strdup_printf (_ ("Not: %s"), request->negative_prompt)
                                  : NULL;

  set_text (self->title, title);
  set_text (self->negative, negative);
  set_text (self->subtitle, subtitle);
  set_text (self->message,
            request == NULL ? _ ("These settings are of a newer version of the program.") : NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "viewer.use-settings", request != NULL);
}

void
tpda_history_viewer_set_item (TpdaHistoryViewer *self, TpdaLibraryItem *item)
{
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_set_object (&self->item, item);
  show_clip (self, NULL);
  if (item == NULL)
    return;
  show_words (self);
  self->loading = g_cancellable_new ();
  tpda_library_load_async (self->library, item, self->loading, on_loaded, g_object_ref (self));
}

TpdaLibraryItem *
tpda_history_viewer_get_item (TpdaHistoryViewer *self)
{
  return self->item;
}

/* ── what can be done with it ── */

static void
use_settings (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, signals[USE_SETTINGS], 0, TPDA_HISTORY_VIEWER (widget)->item);
}

static void
remove_clip (GtkWidget *widget, const char *action, GVariant *parameter)
{
  if (TPDA_HISTORY_VIEWER (widget)->item != NULL)
    g_signal_emit (widget, signals[REMOVE], 0, TPDA_HISTORY_VIEWER (widget)->item);
}

static void
close_viewer (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, signals[CLOSE], 0);
}

static void
on_exported (TpdaHistoryViewer *self, const char *path)
{
  g_signal_emit (self, signals[EXPORTED], 0, path);
}

static void
export_clip (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaHistoryViewer *self = TPDA_HISTORY_VIEWER (widget);
  g_autofree char *name = tpda_export_name (tpda_library_item_get_prompt (self->item));
  TpdaExportDialog *dialog =
      tpda_export_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)), self->settings,
                              tpda_player_get_clip (self->player), name);

  g_signal_connect_object (dialog, "exported", G_CALLBACK (on_exported), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ── life cycle ── */

void
tpda_history_viewer_set_up (TpdaHistoryViewer *self, TpdaLibrary *library, GSettings *settings)
{
  self->library = g_object_ref (library);
  self->settings = g_object_ref (settings);
  g_settings_bind (settings, "player-pixels", self->player, "pixels", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "player-repeat", self->player, "repeat", G_SETTINGS_BIND_DEFAULT);
}

static void
tpda_history_viewer_dispose (GObject *object)
{
  TpdaHistoryViewer *self = TPDA_HISTORY_VIEWER (object);

  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->item);
  g_clear_object (&self->library);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (tpda_history_viewer_parent_class)->dispose (object);
}

static void
install_signals (void)
{
  const GType type = TPDA_TYPE_HISTORY_VIEWER;

  signals[USE_SETTINGS] = g_signal_new ("use-settings", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 1, TPDA_TYPE_LIBRARY_ITEM);
  signals[REMOVE] = g_signal_new ("remove", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, TPDA_TYPE_LIBRARY_ITEM);
  signals[EXPORTED] = g_signal_new ("exported", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[CLOSE] =
      g_signal_new ("close", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tpda_history_viewer_class_init (TpdaHistoryViewerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tpda_history_viewer_dispose;
  install_signals ();
  g_type_ensure (TPDA_TYPE_PLAYER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tpdiff/Studio/widgets/tpda-history-viewer.ui");
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryViewer, player);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryViewer, title);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryViewer, negative);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryViewer, subtitle);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryViewer, message);
  gtk_widget_class_install_action (widget_class, "viewer.use-settings", NULL, use_settings);
  gtk_widget_class_install_action (widget_class, "viewer.remove", NULL, remove_clip);
  gtk_widget_class_install_action (widget_class, "viewer.export", NULL, export_clip);
  gtk_widget_class_install_action (widget_class, "viewer.close", NULL, close_viewer);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "viewer.remove", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "viewer.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_e, GDK_CONTROL_MASK, "viewer.export",
                                       NULL);
}

static void
tpda_history_viewer_init (TpdaHistoryViewer *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
