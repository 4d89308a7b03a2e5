/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-training-view.h"

#include <glib/gi18n.h>
#include <stdlib.h>

#include "tpda-loss-plot.h"

struct _TpdaTrainingView
{
  AdwBin parent_instance;

  /* owned */
  TpdaTrainingList *trainings;
  TpdaTraining *training;
  TpdaTraining *other; /* that it is compared with; NULL for none */
  char *sample;        /* path of the picture that is shown */

  /* of the template */
  GtkLabel *name;
  GtkLabel *status;
  GtkProgressBar *progress;
  GtkButton *run_button;
  GtkWidget *use_button;
  GtkWidget *error_box;
  GtkLabel *error;
  GtkLabel *details;
  TpdaLossPlot *plot;
  GtkStringList *others; /* "Nothing", and the names of all others */
  AdwComboRow *other_row;
  AdwComboRow *axis_row;
  GtkWidget *samples_box;
  GtkPicture *picture;
  GtkScale *scale;
  GtkAdjustment *shown;
  GtkLabel *sample_label;
  AdwPreferencesGroup *facts;
  AdwActionRow *done_row;
  AdwActionRow *speed_row;
  AdwActionRow *method_row;
  AdwActionRow *data_row;
  AdwActionRow *budget_row;
  AdwActionRow *learning_row;
  AdwActionRow *folder_row;
};

G_DEFINE_FINAL_TYPE (TpdaTrainingView, tpda_training_view, ADW_TYPE_BIN)

static guint use_signal;
static guint remove_signal;

/* ── samples ── */

static guint
count_samples (TpdaTrainingView *self)
{
  return g_strv_length ((char **)tpda_training_get_samples (self->training));
}

static void
show_sample (TpdaTrainingView *self)
{
  guint i = (guint)gtk_adjustment_get_value (self->shown) - 1;
  const char *path =
      i < count_samples (self) ? tpda_training_get_samples (self->training)[i] : NULL;
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL;
  g_autofree char *text = NULL;

  if (path == NULL || g_strcmp0 (path, self->sample) == 0)
    return;
  g_free (self->sample);
  self->sample = g_strdup (path);
  text = g_strdup_printf (_ ("After %d updates"), atoi (name));
  gtk_label_set_text (self->sample_label, text);
  gtk_picture_set_filename (self->picture, path);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->picture), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
}

/* New samples are shown as they come, unless an older one is being looked at. */
static void
show_samples (TpdaTrainingView *self)
{
  guint n = count_samples (self);
  gboolean at_end =
      gtk_adjustment_get_value (self->shown) >= gtk_adjustment_get_upper (self->shown);

  gtk_widget_set_visible (self->samples_box, n > 0);
  if (n == 0)
    return;
  gtk_adjustment_set_upper (self->shown, n);
  if (at_end || self->sample == NULL)
    gtk_adjustment_set_value (self->shown, n);
  gtk_widget_set_visible (GTK_WIDGET (self->scale), n > 1);
  show_sample (self);
}

/* ── losses ── */

static void
show_plot (TpdaTrainingView *self)
{
  tpda_loss_plot_show (self->plot, self->training, self->other,
                       adw_combo_row_get_selected (self->axis_row));
}

static void
set_other (TpdaTrainingView *self, TpdaTraining *other)
{
  if (self->other == other)
    return;
  if (self->other != NULL)
    g_signal_handlers_disconnect_by_func (self->other, show_plot, self);
  g_set_object (&self->other, other);
  if (other != NULL)
    g_signal_connect_object (other, "changed", G_CALLBACK (show_plot), self, G_CONNECT_SWAPPED);
}

/* Of an equal number of updates those of a pyramid cost less: what is fair is equal computing. */
static void
on_other_chosen (TpdaTrainingView *self)
{
  const guint i = adw_combo_row_get_selected (self->other_row);
  const char *name = i > 0 ? gtk_string_list_get_string (self->others, i) : NULL;
  g_autoptr (TpdaTraining) other =
      name != NULL ? tpda_training_list_find (self->trainings, name) : NULL;

  if (other != NULL && self->other == NULL)
    adw_combo_row_set_selected (self->axis_row, TPDA_LOSS_AXIS_COMPUTE);
  set_other (self, other);
  show_plot (self);
}

/* After the list or the training has changed; what is chosen stays if it can. */
static void
list_others (TpdaTrainingView *self)
{
  const guint n = g_list_model_get_n_items (G_LIST_MODEL (self->trainings));

  g_signal_handlers_block_by_func (self->other_row, on_other_chosen, self);
  gtk_string_list_splice (self->others, 1,
                          g_list_model_get_n_items (G_LIST_MODEL (self->others)) - 1, NULL);
  adw_combo_row_set_selected (self->other_row, 0);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TpdaTraining) item = g_list_model_get_item (G_LIST_MODEL (self->trainings), i);

      if (item == self->training)
        continue;
      gtk_string_list_append (self->others, tpda_training_get_name (item));
      if (item == self->other)
        adw_combo_row_set_selected (self->other_row,
                                    g_list_model_get_n_items (G_LIST_MODEL (self->others)) - 1);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->other_row),
                          g_list_model_get_n_items (G_LIST_MODEL (self->others)) > 1);
  g_signal_handlers_unblock_by_func (self->other_row, on_other_chosen, self);
  on_other_chosen (self);
}

void
tpda_training_view_set_up (TpdaTrainingView *self, TpdaTrainingList *trainings)
{
  self->trainings = g_object_ref (trainings);
  g_signal_connect_object (trainings, "items-changed", G_CALLBACK (list_others), self,
                           G_CONNECT_SWAPPED);
  list_others (self);
}

/* ── facts ── */

static void
show_fact (AdwActionRow *row, char *text)
{
  adw_action_row_set_subtitle (row, text);
  g_free (text);
}

static char *
describe_budget (const TpdTrainConfig *config)
{
  GString *text = g_string_new (NULL);

  if (config->minutes > 0)
    g_string_append_printf (text, _ ("%g minutes"), config->minutes);
  if (config->teraflop > 0)
    g_string_append_printf (text, text->len > 0 ? _ (", %g teraflop") : _ ("%g teraflop"),
                            config->teraflop);
  if (config->steps > 0)
    g_string_append_printf (text, text->len > 0 ? _ (", %d updates") : _ ("%d updates"),
                            (int)config->steps);
  return g_string_free (text, FALSE);
}

static char *
describe_speed (const TpdaTrainingLog *log)
{
  gint64 steps = tpda_training_log_get_step (log);
  double seconds = tpda_training_log_get_seconds (log);

  if (steps == 0 || seconds <= 0)
    return g_strdup (_ ("not known yet"));
  return g_strdup_printf (_ ("%.2f s for an update, %.1f billion operations a second"),
                          seconds / (double)steps,
                          tpda_training_log_get_flops (log) / seconds * 1e-9);
}

/* What does not change. */
static void
show_settings (TpdaTrainingView *self)
{
  const TpdTrainConfig *config = tpda_training_get_config (self->training);
  g_autofree char *base = config->model != NULL ? g_path_get_basename (config->model) : NULL;

  show_fact (self->method_row,
             config->stages > 1
                 ? g_strdup_printf (_ ("Pyramid of %d stages, from %s"), (int)config->stages, base)
                 : g_strdup_printf (_ ("Vanilla diffusion, from %s"), base));
  show_fact (self->data_row,
             g_strdup_printf (_ ("%s, %d clips of %d frames of %d × %d"), config->dataset,
                              (int)config->clips, (int)config->frames, (int)config->size,
                              (int)config->size));
  show_fact (self->budget_row, describe_budget (config));
  show_fact (self->learning_row, g_strdup_printf (_ ("Batches of %d clips, learning rate %g"),
                                                  (int)config->batch, config->lr));
  show_fact (self->folder_row, g_strdup (tpda_training_get_folder (self->training)));
}

static void
show_counters (TpdaTrainingView *self)
{
  const TpdaTrainingLog *log = tpda_training_get_log (self->training);

  show_fact (self->done_row,
             g_strdup_printf (_ ("%d updates, %d clips"), (int)tpda_training_log_get_step (log),
                              (int)tpda_training_log_get_clips (log)));
  show_fact (self->speed_row, describe_speed (log));
}

/* ── state ── */

static void
show_error (TpdaTrainingView *self, const GError *error)
{
  g_autofree char *details = NULL;

  gtk_widget_set_visible (self->error_box, error != NULL);
  if (error == NULL)
    return;
  details = tpda_training_get_details (self->training);
  gtk_label_set_text (self->error, error->message);
  gtk_label_set_text (self->details, details);
}

static void
show_buttons (TpdaTrainingView *self)
{
  TpdaTrainingState state = tpda_training_get_state (self->training);
  gboolean runs = state == TPDA_TRAINING_RUNNING || state == TPDA_TRAINING_PAUSING;
  gboolean fresh = tpda_training_log_get_step (tpda_training_get_log (self->training)) == 0;
  const char *label = runs ? _ ("Pause") : fresh ? _ ("Start") : _ ("Resume");

  gtk_button_set_label (self->run_button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->run_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  gtk_widget_set_visible (GTK_WIDGET (self->run_button), state != TPDA_TRAINING_DONE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->run_button), state != TPDA_TRAINING_PAUSING);
  gtk_widget_set_visible (self->use_button, state == TPDA_TRAINING_DONE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "training.remove", !runs);
}

static void
show (TpdaTrainingView *self)
{
  g_autofree char *status = tpda_training_describe (self->training);

  gtk_label_set_text (self->status, status);
  gtk_progress_bar_set_fraction (self->progress, tpda_training_get_fraction (self->training));
  show_error (self, tpda_training_get_error (self->training));
  show_buttons (self);
  show_counters (self);
  show_samples (self);
  show_plot (self);
}

void
tpda_training_view_set_training (TpdaTrainingView *self, TpdaTraining *training)
{
  if (self->training != NULL)
    g_signal_handlers_disconnect_by_data (self->training, self);
  set_other (self, NULL);
  g_clear_pointer (&self->sample, g_free);
  g_set_object (&self->training, training);
  list_others (self);
  if (training == NULL)
    return;
  gtk_label_set_text (self->name, tpda_training_get_name (training));
  g_signal_connect_object (training, "changed", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  show_settings (self);
  show (self);
}

TpdaTraining *
tpda_training_view_get_training (TpdaTrainingView *self)
{
  return self->training;
}

/* ── buttons ── */

static void
run (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaTrainingView *self = TPDA_TRAINING_VIEW (widget);
  g_autoptr (GError) error = NULL;

  if (tpda_training_get_state (self->training) == TPDA_TRAINING_RUNNING)
    tpda_training_pause (self->training);
  else if (!tpda_training_start (self->training, &error))
    show_error (self, error);
}

static void
use (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, use_signal, 0);
}

static void
remove_training (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, remove_signal, 0);
}

/* ── life cycle ── */

static void
tpda_training_view_dispose (GObject *object)
{
  TpdaTrainingView *self = TPDA_TRAINING_VIEW (object);

  g_clear_object (&self->trainings);
  g_clear_object (&self->training);
  g_clear_object (&self->other);
  g_clear_pointer (&self->sample, g_free);
  G_OBJECT_CLASS (tpda_training_view_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *klass)
{
  gtk_widget_class_set_template_from_resource (klass,
                                               "/org/tpdiff/Studio/widgets/tpda-training-view.ui");
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, name);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, status);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, progress);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, run_button);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, use_button);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, error_box);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, error);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, details);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, plot);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, others);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, other_row);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, axis_row);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, samples_box);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, picture);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, scale);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, shown);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, sample_label);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, facts);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, done_row);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, speed_row);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, method_row);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, data_row);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, budget_row);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, learning_row);
  gtk_widget_class_bind_template_child (klass, TpdaTrainingView, folder_row);
  gtk_widget_class_bind_template_callback (klass, show_sample);
  gtk_widget_class_bind_template_callback (klass, show_plot);
}

static void
tpda_training_view_class_init (TpdaTrainingViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tpda_training_view_dispose;
  g_type_ensure (TPDA_TYPE_LOSS_PLOT);
  bind_template (widget_class);
  gtk_widget_class_install_action (widget_class, "training.run", NULL, run);
  gtk_widget_class_install_action (widget_class, "training.use", NULL, use);
  gtk_widget_class_install_action (widget_class, "training.remove", NULL, remove_training);
  use_signal = g_signal_new ("use", TPDA_TYPE_TRAINING_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                             G_TYPE_NONE, 0);
  remove_signal = g_signal_new ("remove", TPDA_TYPE_TRAINING_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
tpda_training_view_init (TpdaTrainingView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->other_row, "notify::selected", G_CALLBACK (on_other_chosen),
                            self);
}
