/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-queue-list.h"

#include <glib/gi18n.h>
#include <inttypes.h>

struct _TpdaQueueList
{
  AdwBin parent_instance;

  /* of the widget tree */
  AdwPreferencesGroup *group;
  GtkListBox *list;

  /* owned */
  TpdaGenerator *generator;
};

G_DEFINE_FINAL_TYPE (TpdaQueueList, tpda_queue_list, ADW_TYPE_BIN)

#define JOB "tpda-job" /* data of a row: what it shows */

static gboolean
find_job (TpdaQueueList *self, TpdaJob *job, guint *position)
{
  return g_list_store_find (G_LIST_STORE (tpda_generator_get_waiting (self->generator)), job,
                            position);
}

/* The row is made anew where the job has come to, and gets the focus that it had. */
static void
move (TpdaQueueList *self, guint from, guint to)
{
  GtkListBoxRow *row;

  tpda_generator_move (self->generator, from, to);
  row = gtk_list_box_get_row_at_index (self->list, (int)to);
  if (row != NULL)
    gtk_widget_child_focus (GTK_WIDGET (row), GTK_DIR_TAB_FORWARD);
}

/* ── buttons ── */

static TpdaJob *
job_of (GtkWidget *button)
{
  return g_object_get_data (G_OBJECT (gtk_widget_get_ancestor (button, ADW_TYPE_ACTION_ROW)), JOB);
}

static void
on_up (TpdaQueueList *self, GtkWidget *button)
{
  guint position;

  if (find_job (self, job_of (button), &position) && position > 0)
    move (self, position, position - 1);
}

static void
on_down (TpdaQueueList *self, GtkWidget *button)
{
  guint position;

  if (find_job (self, job_of (button), &position))
    move (self, position, position + 1);
}

static void
on_remove (TpdaQueueList *self, GtkWidget *button)
{
  tpda_generator_cancel (self->generator, job_of (button));
}

static void
add_button (TpdaQueueList *self, AdwActionRow *row, const char *icon, const char *tooltip,
            const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (row, button);
}

/* ── dragging ── */

static GdkContentProvider *
on_drag (GtkDragSource *source, double x, double y, GtkWidget *row)
{
  return gdk_content_provider_new_typed (TPDA_TYPE_JOB, g_object_get_data (G_OBJECT (row), JOB));
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, TpdaQueueList *self)
{
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
  guint from, to;

  if (!find_job (self, g_value_get_object (value), &from) ||
      !find_job (self, g_object_get_data (G_OBJECT (row), JOB), &to))
    return FALSE;
  move (self, from, to);
  return TRUE;
}

static void
add_dragging (TpdaQueueList *self, GtkWidget *row)
{
  GtkDragSource *source = gtk_drag_source_new ();
  GtkDropTarget *target = gtk_drop_target_new (TPDA_TYPE_JOB, GDK_ACTION_MOVE);

  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE);
  g_signal_connect_object (source, "prepare", G_CALLBACK (on_drag), row, 0);
  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), self, 0);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (source));
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (target));
}

/* ── rows ── */

static GtkWidget *
new_row (gpointer item, gpointer data)
{
  TpdaQueueList *self = data;
  const TpdRequest *request = tpda_job_get_request (item);
  const TpdaPlan *plan = tpda_job_get_plan (item);
  const char *prompt = request->prompt != NULL ? request->prompt : _ ("No prompt");
  AdwActionRow *row = ADW_ACTION_ROW (adw_action_row_new ());
  g_autofree char *subtitle =
      g_strdup_printf (_ ("%u frames · %u steps · seed %" PRIu64), plan->n_frames, plan->n_steps,
                       tpd_sampler_settings_get_seed (request->settings));
  g_autofree char *up = g_strdup_printf (_ ("Make “%s” earlier"), prompt);
  g_autofree char *down = g_strdup_printf (_ ("Make “%s” later"), prompt);
  g_autofree char *removal = g_strdup_printf (_ ("Take “%s” out of the queue"), prompt);

  g_object_set_data_full (G_OBJECT (row), JOB, g_object_ref (item), g_object_unref);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), prompt);
  adw_action_row_set_title_lines (row, 1);
  adw_action_row_set_subtitle (row, subtitle);
  adw_action_row_set_subtitle_lines (row, 1);
  add_button (self, row, "go-up-symbolic", _ ("Earlier"), up, G_CALLBACK (on_up));
  add_button (self, row, "go-down-symbolic", _ ("Later"), down, G_CALLBACK (on_down));
  add_button (self, row, "list-remove-symbolic", _ ("Remove"), removal, G_CALLBACK (on_remove));
  add_dragging (self, GTK_WIDGET (row));
  return GTK_WIDGET (row);
}

static void
on_items_changed (TpdaQueueList *self)
{
  guint n = g_list_model_get_n_items (tpda_generator_get_waiting (self->generator));
  g_autofree char *title = g_strdup_printf (ngettext ("%u clip waits", "%u clips wait", n), n);

  adw_preferences_group_set_title (self->group, title);
  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
}

void
tpda_queue_list_set_generator (TpdaQueueList *self, TpdaGenerator *generator)
{
  GListModel *waiting = tpda_generator_get_waiting (generator);

  self->generator = g_object_ref (generator);
  gtk_list_box_bind_model (self->list, waiting, new_row, self, NULL);
  g_signal_connect_object (waiting, "items-changed", G_CALLBACK (on_items_changed), self,
                           G_CONNECT_SWAPPED);
  on_items_changed (self);
}

/* ── life cycle ── */

static void
tpda_queue_list_dispose (GObject *object)
{
  TpdaQueueList *self = TPDA_QUEUE_LIST (object);

  if (self->generator != NULL)
    gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  g_clear_object (&self->generator);
  G_OBJECT_CLASS (tpda_queue_list_parent_class)->dispose (object);
}

static void
tpda_queue_list_class_init (TpdaQueueListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tpda_queue_list_dispose;
}

static void
tpda_queue_list_init (TpdaQueueList *self)
{
  self->group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Queue"), -1);
  adw_preferences_group_add (self->group, GTK_WIDGET (self->list));
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->group));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
