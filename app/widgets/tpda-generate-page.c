/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-generate-page.h"

#include <glib/gi18n.h>

#include "tpda-device.h"
#include "tpda-export-dialog.h"
#include "tpda-export-text.h"
#include "tpda-pace.h"
#include "tpda-player.h"
#include "tpda-prompt-menu.h"
#include "tpda-prompts.h"
#include "tpda-queue-list.h"
#include "tpda-settings-panel.h"
#include "tpda-stage-list.h"
#include "tpda-vanilla-row.h"

struct _TpdaGeneratePage
{
  AdwBin parent_instance;

  /* of the template */
  AdwFlap *flap;
  TpdaSettingsPanel *panel;
  GtkTextView *prompt;
  GtkWidget *placeholder;
  GtkText *negative_prompt;
  TpdaPromptMenu *prompt_menu;
  GtkFlowBox *examples;
  GtkButton *generate_button;
  GtkWidget *queue_button;
  TpdaQueueList *queue_list;
  GtkLabel *summary;
  GtkWidget *notice;
  GtkLabel *notice_label;
  GtkRevealer *progress_revealer;
  GtkLabel *progress_label;
  GtkLabel *warning;
  GtkProgressBar *progress;
  GtkWidget *result_box;
  TpdaPlayer *player;
  GtkToggleButton *compare_button;
  GtkWidget *export_button;
  GtkBox *stages;
  TpdaVanillaRow *vanilla_row;

  /* owned */
  TpdaGenerator *generator;
  GSettings *settings;
  TpdaStageList *stage_list;
  TpdaJob *job; /* shown */
  GCancellable *describing;
  char *device; /* that the notice is about */
};

G_DEFINE_FINAL_TYPE (TpdaGeneratePage, tpda_generate_page, ADW_TYPE_BIN)

static guint exported_signal;

/* ── the request ── */

static char *
get_prompt (TpdaGeneratePage *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->prompt);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return g_strstrip (gtk_text_buffer_get_text (buffer, &start, &end, FALSE));
}

static TpdRequest *
new_request (TpdaGeneratePage *self)
{
  TpdRequest *request = tpd_request_new ();

  request->prompt = get_prompt (self);
  request->negative_prompt =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->negative_prompt))));
  tpda_settings_panel_fill (self->panel, request);
  return request;
}

static gboolean
make_plan (TpdaGeneratePage *self, const TpdRequest *request, TpdaPlan *plan, GError **error)
{
  const GError *reason;
  const TpdModelInfo *model = tpda_settings_panel_get_model (self->panel, &reason);

  if (model != NULL)
    return tpda_plan_init (plan, request, model, error);
  *error = g_error_copy (reason);
  return FALSE;
}

void
tpda_generate_page_show_request (TpdaGeneratePage *self, const TpdRequest *request)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->prompt),
                            request->prompt != NULL ? request->prompt : "", -1);
  gtk_editable_set_text (GTK_EDITABLE (self->negative_prompt),
                         request->negative_prompt != NULL ? request->negative_prompt : "");
  tpda_settings_panel_show (self->panel, request);
}

/* ── the notice about the device ── */

static void
on_device_described (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TpdaGeneratePage) self = data;
  g_autoptr (GError) error = NULL;
  gboolean is_cpu = FALSE;
  g_autofree char *device = tpda_device_describe_finish (result, &is_cpu, &error);
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (device == NULL)
    text = g_strdup (error->message);
  else if (is_cpu)
    text = g_strdup_printf (_ ("Computing on the processor (%s). A graphics card would be faster."),
                            device);
  gtk_label_set_text (self->notice_label, text != NULL ? text : "");
  gtk_widget_set_visible (self->notice, text != NULL);
}

static void
describe_device (TpdaGeneratePage *self, const char *device)
{
  if (g_strcmp0 (device, self->device) == 0)
    return;
  g_free (self->device);
  self->device = g_strdup (device);
  g_cancellable_cancel (self->describing);
  g_set_object (&self->describing, NULL);
  self->describing = g_cancellable_new ();
  tpda_device_describe_async (device, self->describing, on_device_described, g_object_ref (self));
}

/* ── what will happen ── */

static gboolean
is_busy (TpdaGeneratePage *self)
{
  return self->job != NULL && !tpda_job_has_ended (self->job);
}

static void
show_plan (TpdaGeneratePage *self)
{
  g_autoptr (TpdRequest) request = new_request (self);
  g_autoptr (GError) error = NULL;
  TpdaPlan plan;
  gboolean possible = make_plan (self, request, &plan, &error);
  g_autofree char *text = NULL;

  if (possible)
    {
      g_autofree char *what = tpda_plan_describe (&plan);
      g_autofree char *time = tpda_plan_describe_time (
          &plan, self->settings != NULL ? tpda_pace_get (self->settings, request) : 0);

      text = g_strdup_printf ("%s %s", what, time);
      gtk_widget_remove_css_class (GTK_WIDGET (self->summary), "error");
    }
  else
    {
      text = g_strdup (error->message);
      gtk_widget_add_css_class (GTK_WIDGET (self->summary), "error");
    }
  gtk_label_set_text (self->summary, text);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.generate", possible || is_busy (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.queue", possible);
  describe_device (self, request->device);
}

/* ── what happens ── */

static void
show_button (TpdaGeneratePage *self)
{
  gboolean busy = is_busy (self);
  GtkWidget *button = GTK_WIDGET (self->generate_button);
  const char *label = busy ? _ ("Cancel") : _ ("Generate");

  gtk_widget_set_visible (self->queue_button, busy);
  gtk_button_set_label (self->generate_button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  gtk_widget_remove_css_class (button, busy ? "suggested-action" : "destructive-action");
  gtk_widget_add_css_class (button, busy ? "destructive-action" : "suggested-action");
}

static char *
describe_progress (TpdaJob *job)
{
  g_autofree char *what = tpda_job_describe (job);
  double left = tpda_job_get_left (job);
  g_autofree char *time = left >= 0 ? tpda_format_seconds (left) : NULL;

  if (tpda_job_get_state (job) != TPDA_JOB_RUNNING || time == NULL)
    return g_steal_pointer (&what);
  return g_strdup_printf (_ ("%s · about %s left"), what, time);
}

static void
show_progress (TpdaGeneratePage *self)
{
  g_autofree char *text = describe_progress (self->job);
  const char *warning = tpda_job_get_warning (self->job);

  gtk_progress_bar_set_fraction (self->progress, tpda_job_get_fraction (self->job));
  gtk_widget_set_visible (GTK_WIDGET (self->progress), is_busy (self));
  gtk_label_set_text (self->progress_label, text);
  gtk_label_set_text (self->warning, warning != NULL ? warning : "");
  gtk_widget_set_visible (GTK_WIDGET (self->warning), warning != NULL);
}

static void
on_job_changed (TpdaGeneratePage *self)
{
  gboolean done = tpda_job_get_state (self->job) == TPDA_JOB_DONE;

  show_progress (self);
  show_button (self);
  tpda_stage_list_update (self->stage_list);
  gtk_widget_set_sensitive (GTK_WIDGET (self->compare_button), done);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.export", done);
}

static void
show_job (TpdaGeneratePage *self, TpdaJob *job)
{
  const GError *error;

  if (self->job != NULL)
    g_signal_handlers_disconnect_by_data (self->job, self);
  g_set_object (&self->job, job);
  g_signal_connect_swapped (job, "changed", G_CALLBACK (on_job_changed), self);
  gtk_toggle_button_set_active (self->compare_button, FALSE);
  tpda_stage_list_set_job (self->stage_list, job);
  tpda_vanilla_row_set_job (self->vanilla_row, job,
                            tpda_settings_panel_get_model (self->panel, &error));
  gtk_revealer_set_reveal_child (self->progress_revealer, TRUE);
  gtk_widget_set_visible (self->result_box, TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->examples), FALSE);
  tpda_player_play (self->player);
  on_job_changed (self);
}

void
tpda_generate_page_use_settings (TpdaGeneratePage *self, const TpdRequest *request)
{
  g_autoptr (TpdRequest) wanted = tpd_request_copy (request);
  g_autoptr (TpdRequest) now = new_request (self);

  g_free (wanted->device);
  wanted->device = g_strdup (now->device);
  wanted->preview = now->preview;
  tpda_generate_page_show_request (self, wanted);
  tpda_settings_panel_lock_seed (self->panel);
  gtk_widget_grab_focus (GTK_WIDGET (self->prompt));
}

TpdaJob *
tpda_generate_page_get_job (TpdaGeneratePage *self)
{
  return self->job;
}

static void
remember (TpdaGeneratePage *self)
{
  g_autoptr (TpdRequest) request = new_request (self);
  g_autofree char *record = tpd_request_to_json (request);

  g_settings_set_string (self->settings, "request", record);
  g_settings_set_string (self->settings, "device", request->device);
  g_settings_set_int (self->settings, "preview", (int)request->preview);
  tpda_prompts_remember (self->settings, TPDA_PROMPTS, request->prompt);
  tpda_prompts_remember (self->settings, TPDA_PROMPTS_NEGATIVE, request->negative_prompt);
}

/* NULL if the settings are impossible: the summary says why. */
static TpdaJob *
new_job (TpdaGeneratePage *self)
{
  g_autoptr (TpdRequest) request = NULL;
  g_autoptr (GError) error = NULL;
  TpdaPlan plan;

  tpda_settings_panel_next_seed (self->panel);
  request = new_request (self);
  if (!make_plan (self, request, &plan, &error))
    return NULL;
  remember (self);
  return tpda_job_new (request, &plan);
}

static void
start (TpdaGeneratePage *self)
{
  g_autoptr (TpdaJob) job = new_job (self);

  if (job == NULL)
    return;
  show_job (self, job);
  tpda_generator_add (self->generator, job);
}

/* For a clip that is to be made after those that wait already. */
static void
queue (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaGeneratePage *self = TPDA_GENERATE_PAGE (widget);
  g_autoptr (TpdaJob) job = new_job (self);

  if (job != NULL)
    tpda_generator_add (self->generator, job);
}

/* A job from the queue is shown when its turn has come. */
static void
on_queue_changed (TpdaGeneratePage *self)
{
  TpdaJob *current = tpda_generator_get_current (self->generator);

  if (current != NULL && current != self->job && !is_busy (self) &&
      !tpda_vanilla_row_owns (self->vanilla_row, current))
    show_job (self, current);
}

/* Ctrl+Return and the button. */
static void
generate (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaGeneratePage *self = TPDA_GENERATE_PAGE (widget);

  if (is_busy (self))
    tpda_generator_cancel (self->generator, self->job);
  else
    start (self);
}

static void
on_ended (TpdaGeneratePage *self, TpdaJob *job)
{
  if (tpda_job_get_state (job) == TPDA_JOB_DONE)
    tpda_pace_learn (self->settings, job);
  show_plan (self);
}

/* ── export ── */

static void
on_exported (TpdaGeneratePage *self, const char *path)
{
  g_signal_emit (self, exported_signal, 0, path);
}

static void
export_clip (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaGeneratePage *self = TPDA_GENERATE_PAGE (widget);
  g_autofree char *name = tpda_export_name (tpda_job_get_request (self->job)->prompt);
  TpdaExportDialog *dialog =
      tpda_export_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)), self->settings,
                              tpda_job_get_clip (self->job), name);

  g_signal_connect_object (dialog, "exported", G_CALLBACK (on_exported), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ── small things ── */

static void
on_prompt_changed (TpdaGeneratePage *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->prompt);

  gtk_widget_set_visible (self->placeholder, gtk_text_buffer_get_char_count (buffer) == 0);
}

static void
on_compare_toggled (TpdaGeneratePage *self)
{
  tpda_stage_list_set_comparing (self->stage_list,
                                 gtk_toggle_button_get_active (self->compare_button));
}

static void
on_example_clicked (TpdaGeneratePage *self, GtkButton *button)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->prompt), gtk_button_get_label (button),
                            -1);
}

static void
on_prompt_chosen (TpdaGeneratePage *self, const char *key, const char *prompt)
{
  if (g_str_equal (key, TPDA_PROMPTS_NEGATIVE))
    gtk_editable_set_text (GTK_EDITABLE (self->negative_prompt), prompt);
  else
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->prompt), prompt, -1);
}

static void
add_examples (TpdaGeneratePage *self)
{
  for (const char *const *example = tpda_prompts_get_examples (); *example != NULL; example++)
    {
      GtkWidget *button = gtk_button_new_with_label (*example);
      GtkWidget *label = gtk_button_get_child (GTK_BUTTON (button));

      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
      gtk_widget_add_css_class (button, "example");
      g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_example_clicked), self);
      gtk_flow_box_append (self->examples, button);
    }
}

AdwFlap *
tpda_generate_page_get_flap (TpdaGeneratePage *self)
{
  return self->flap;
}

/* ── life cycle ── */

static void
restore (TpdaGeneratePage *self)
{
  g_autofree char *record = g_settings_get_string (self->settings, "request");
  g_autoptr (TpdRequest) request =
      *record != '\0' ? tpd_request_new_from_json (record, NULL) : NULL;

  if (request == NULL)
    return; /* the first start, or a record of another version */
  request->device = g_settings_get_string (self->settings, "device");
  request->preview = (TpdPreviewMode)g_settings_get_int (self->settings, "preview");
  tpda_generate_page_show_request (self, request);
}

void
tpda_generate_page_set_up (TpdaGeneratePage *self, TpdaGenerator *generator, TpdaModelList *models,
                           GSettings *settings)
{
  self->generator = g_object_ref (generator);
  self->settings = g_object_ref (settings);
  tpda_settings_panel_set_models (self->panel, models);
  tpda_prompt_menu_set_settings (self->prompt_menu, settings);
  tpda_vanilla_row_set_up (self->vanilla_row, generator, self->player);
  g_settings_bind (settings, "player-pixels", self->player, "pixels", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "player-repeat", self->player, "repeat", G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_object (generator, "ended", G_CALLBACK (on_ended), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (generator, "changed", G_CALLBACK (on_queue_changed), self,
                           G_CONNECT_SWAPPED);
  tpda_queue_list_set_generator (self->queue_list, generator);
  restore (self);
  show_plan (self);
  on_queue_changed (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->prompt));
}

static void
tpda_generate_page_dispose (GObject *object)
{
  TpdaGeneratePage *self = TPDA_GENERATE_PAGE (object);

  g_cancellable_cancel (self->describing);
  if (self->job != NULL)
    g_signal_handlers_disconnect_by_data (self->job, self);
  g_clear_object (&self->stage_list);
  g_clear_object (&self->job);
  g_clear_object (&self->generator);
  g_clear_object (&self->settings);
  g_clear_object (&self->describing);
  g_clear_pointer (&self->device, g_free);
  G_OBJECT_CLASS (tpda_generate_page_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *klass)
{
  gtk_widget_class_set_template_from_resource (klass,
                                               "/org/tpdiff/Studio/widgets/tpda-generate-page.ui");
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, flap);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, panel);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, prompt);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, placeholder);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, negative_prompt);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, prompt_menu);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, examples);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, generate_button);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, queue_button);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, queue_list);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, summary);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, notice);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, notice_label);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, progress_revealer);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, progress_label);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, warning);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, progress);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, result_box);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, player);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, compare_button);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, export_button);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, stages);
  gtk_widget_class_bind_template_child (klass, TpdaGeneratePage, vanilla_row);
}

static void
tpda_generate_page_class_init (TpdaGeneratePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tpda_generate_page_dispose;
  g_type_ensure (TPDA_TYPE_SETTINGS_PANEL);
  g_type_ensure (TPDA_TYPE_PLAYER);
  g_type_ensure (TPDA_TYPE_PROMPT_MENU);
  g_type_ensure (TPDA_TYPE_QUEUE_LIST);
  g_type_ensure (TPDA_TYPE_VANILLA_ROW);
  bind_template (widget_class);
  gtk_widget_class_install_action (widget_class, "page.generate", NULL, generate);
  gtk_widget_class_install_action (widget_class, "page.queue", NULL, queue);
  gtk_widget_class_install_action (widget_class, "page.export", NULL, export_clip);
  exported_signal = g_signal_new ("exported", TPDA_TYPE_GENERATE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
tpda_generate_page_init (TpdaGeneratePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->stage_list = tpda_stage_list_new (self->stages, self->player);
  tpda_player_add_control (self->player, GTK_WIDGET (self->compare_button));
  tpda_player_add_control (self->player, self->export_button);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->generate_button), "page.generate");
  add_examples (self);
  show_button (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.export", FALSE);
  g_signal_connect_swapped (gtk_text_view_get_buffer (self->prompt), "changed",
                            G_CALLBACK (on_prompt_changed), self);
  g_signal_connect_swapped (self->prompt_menu, "chosen", G_CALLBACK (on_prompt_chosen), self);
  g_signal_connect_swapped (self->panel, "changed", G_CALLBACK (show_plan), self);
  g_signal_connect_swapped (self->compare_button, "toggled", G_CALLBACK (on_compare_toggled), self);
}
