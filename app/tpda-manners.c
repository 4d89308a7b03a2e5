/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-manners.h"

#include <glib/gi18n.h>

#include "tpda-latency.h"

#define COOKIE  "tpda-inhibit-cookie"
#define LATENCY "tpda-latency"
#define RUNS    "tpda-runs"

/* ── keeping awake, telling ── */

/* owner: who is at work, or not. */
static void
set_busy (GtkApplication *application, gpointer owner, gboolean busy, const char *reason)
{
  guint cookie = GPOINTER_TO_UINT (g_object_get_data (owner, COOKIE));

  if (busy && cookie == 0)
    cookie = gtk_application_inhibit (application, gtk_application_get_active_window (application),
                                      GTK_APPLICATION_INHIBIT_SUSPEND, reason);
  else if (!busy && cookie != 0)
    {
      gtk_application_uninhibit (application, cookie);
      cookie = 0;
    }
  g_object_set_data (owner, COOKIE, GUINT_TO_POINTER (cookie));
}

/* Unless somebody is looking. */
static void
tell (GtkApplication *application, const char *id, const char *title, const char *body)
{
  GtkWindow *window = gtk_application_get_active_window (application);
  g_autoptr (GNotification) notification = NULL;

  if (window != NULL && gtk_window_is_active (window))
    return;
  notification = g_notification_new (title);
  if (body != NULL)
    g_notification_set_body (notification, body);
  g_application_send_notification (G_APPLICATION (application), id, notification);
}

/* ── clips ── */

/* How the main loop does while clips are made, for the debug log. */
static void
record_latency (TpdaGenerator *generator, gboolean busy)
{
  TpdaLatency *latency = g_object_get_data (G_OBJECT (generator), LATENCY);
  g_autofree char *text = NULL;

  if (busy && latency == NULL)
    g_object_set_data_full (G_OBJECT (generator), LATENCY, tpda_latency_new (),
                            (GDestroyNotify)tpda_latency_free);
  if (busy || latency == NULL)
    return;
  text = tpda_latency_describe (latency);
  g_debug ("main loop while generating: %s", text);
  g_object_set_data (G_OBJECT (generator), LATENCY, NULL);
}

static void
on_generator_changed (GtkApplication *application, TpdaGenerator *generator)
{
  gboolean busy = tpda_generator_get_current (generator) != NULL;

  set_busy (application, generator, busy, _ ("A clip is being made"));
  record_latency (generator, busy);
}

static void
on_clip_ended (GtkApplication *application, TpdaJob *job)
{
  if (tpda_job_get_state (job) == TPDA_JOB_FAILED)
    tell (application, "clip", _ ("A Clip Could not Be Made"), tpda_job_get_error (job)->message);
  else if (tpda_job_get_state (job) == TPDA_JOB_DONE)
    tell (application, "clip", _ ("A Clip Is Ready"), tpda_job_get_request (job)->prompt);
}

void
tpda_manners_follow (GtkApplication *application, TpdaGenerator *generator)
{
  g_signal_connect_object (generator, "changed", G_CALLBACK (on_generator_changed), application,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (generator, "ended", G_CALLBACK (on_clip_ended), application,
                           G_CONNECT_SWAPPED);
}

/* ── trainings ── */

/* A training that was just found is not news, whatever its state. */
static void
on_training_changed (GtkApplication *application, TpdaTraining *training)
{
  TpdaTrainingState state = tpda_training_get_state (training);
  gboolean runs = state == TPDA_TRAINING_RUNNING || state == TPDA_TRAINING_PAUSING;
  gboolean ran = g_object_get_data (G_OBJECT (training), RUNS) != NULL;

  set_busy (application, training, runs, _ ("A model is being trained"));
  g_object_set_data (G_OBJECT (training), RUNS, GINT_TO_POINTER (runs));
  if (!ran)
    return;
  if (state == TPDA_TRAINING_DONE)
    tell (application, "training", _ ("A Training Is Done"), tpda_training_get_name (training));
  else if (state == TPDA_TRAINING_FAILED)
    tell (application, "training", _ ("A Training Failed"),
          tpda_training_get_error (training)->message);
}

static void
on_trainings_changed (GtkApplication *application, guint position, guint removed, guint added,
                      GListModel *trainings)
{
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (TpdaTraining) training = g_list_model_get_item (trainings, position + i);

      g_signal_connect_object (training, "changed", G_CALLBACK (on_training_changed), application,
                               G_CONNECT_SWAPPED);
      on_training_changed (application, training);
    }
}

void
tpda_manners_follow_trainings (GtkApplication *application, TpdaTrainingList *trainings)
{
  g_signal_connect_object (trainings, "items-changed", G_CALLBACK (on_trainings_changed),
                           application, G_CONNECT_SWAPPED);
  on_trainings_changed (application, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (trainings)),
                        G_LIST_MODEL (trainings));
}
