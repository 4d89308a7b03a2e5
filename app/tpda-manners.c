/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-manners.h"

#include <glib/gi18n.h>

#define COOKIE       "tpda-inhibit-cookie"
#define NOTIFICATION "clip"

static void
on_changed (GtkApplication *application, TpdaGenerator *generator)
{
  guint cookie = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (application), COOKIE));
  gboolean busy = tpda_generator_get_current (generator) != NULL;

  if (busy && cookie == 0)
    cookie = gtk_application_inhibit (application, gtk_application_get_active_window (application),
                                      GTK_APPLICATION_INHIBIT_SUSPEND, _ ("A clip is being made"));
  else if (!busy && cookie != 0)
    {
      gtk_application_uninhibit (application, cookie);
      cookie = 0;
    }
  g_object_set_data (G_OBJECT (application), COOKIE, GUINT_TO_POINTER (cookie));
}

static gboolean
is_in_front (GtkApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (application);

  return window != NULL && gtk_window_is_active (window);
}

static void
on_ended (GtkApplication *application, TpdaJob *job)
{
  const char *prompt = tpda_job_get_request (job)->prompt;
  gboolean failed = tpda_job_get_state (job) == TPDA_JOB_FAILED;
  g_autoptr (GNotification) notification = NULL;

  if (tpda_job_get_state (job) == TPDA_JOB_CANCELLED || is_in_front (application))
    return;
  notification =
      g_notification_new (failed ? _ ("A Clip Could not Be Made") : _ ("A Clip Is Ready"));
  if (failed)
    g_notification_set_body (notification, tpda_job_get_error (job)->message);
  else if (prompt != NULL)
    g_notification_set_body (notification, prompt);
  g_application_send_notification (G_APPLICATION (application), NOTIFICATION, notification);
}

void
tpda_manners_follow (GtkApplication *application, TpdaGenerator *generator)
{
  g_signal_connect_object (generator, "changed", G_CALLBACK (on_changed), application,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (generator, "ended", G_CALLBACK (on_ended), application,
                           G_CONNECT_SWAPPED);
}
