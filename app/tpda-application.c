/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-application.h"

#include <glib/gi18n.h>

#include "tpda-manners.h"
#include "tpda-queue-file.h"
#include "tpda-window.h"

struct _TpdaApplication
{
  AdwApplication parent_instance;

  /* owned, from startup on */
  GSettings *settings;
  TpdaModelList *models;
  TpdaTrainingList *trainings;
  TpdaGenerator *generator;
  GError *error; /* why there is no generator */
  TpdaLibrary *library;
};

G_DEFINE_FINAL_TYPE (TpdaApplication, tpda_application, ADW_TYPE_APPLICATION)

TpdaApplication *
tpda_application_new (void)
{
  return g_object_new (TPDA_TYPE_APPLICATION, "application-id", TPDA_APPLICATION_ID,
                       "resource-base-path", "/org/tpdiff/Studio", "flags",
                       G_APPLICATION_HANDLES_OPEN, NULL);
}

TpdaGenerator *
tpda_application_get_generator (TpdaApplication *self, const GError **error)
{
  *error = self->error;
  return self->generator;
}

TpdaLibrary *
tpda_application_get_library (TpdaApplication *self)
{
  return self->library;
}

GSettings *
tpda_application_get_settings (TpdaApplication *self)
{
  return self->settings;
}

TpdaModelList *
tpda_application_get_models (TpdaApplication *self)
{
  return self->models;
}

TpdaTrainingList *
tpda_application_get_trainings (TpdaApplication *self)
{
  return self->trainings;
}

/* ── actions ── */

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  adw_show_about_window (
      gtk_application_get_active_window (data), "application-name", _ ("TPDiff Studio"),
      "application-icon", TPDA_APPLICATION_ID, "version", PACKAGE_VERSION, "developer-name",
      _ ("The TPDiff developers"), "license-type", GTK_LICENSE_LGPL_2_1, "comments",
      _ ("Makes video clips from a prompt, with temporal pyramid diffusion: the early, noisy steps "
         "run at a low frame rate, which doubles from stage to stage."),
      NULL);
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GList *windows;

  while ((windows = gtk_application_get_windows (data)) != NULL)
    gtk_window_destroy (windows->data);
}

static const GActionEntry actions[] = {
    {.name = "about", .activate = on_about},
    {.name = "quit", .activate = on_quit},
};

static const struct
{
  const char *action;
  const char *keys[3];
} shortcuts[] = {
    {"app.quit", {"<Control>q", NULL}},
    {"window.close", {"<Control>w", NULL}},
    {"win.show-help-overlay", {"<Control>question", NULL}},
    {"win.toggle-settings", {"F9", NULL}},
    {"win.open-file", {"<Control>o", NULL}},
    {"win.show-page::generate", {"<Alt>1", NULL}},
    {"win.show-page::history", {"<Alt>2", NULL}},
    {"win.show-page::models", {"<Alt>3", NULL}},
    {"win.show-page::training", {"<Alt>4", NULL}},
};

/* ── life cycle ── */

static void
on_ended (TpdaApplication *self, TpdaJob *job)
{
  TpdaClip *clip = tpda_job_get_clip (job);

  if (clip != NULL && tpda_clip_get_data (clip)->record != NULL)
    tpda_library_add (self->library, clip);
}

static TpdaLibrary *
open_library (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "tpdiff", "clips", NULL);

  return tpda_library_new (folder);
}

static void
tpda_application_startup (GApplication *application)
{
  TpdaApplication *self = TPDA_APPLICATION (application);

  G_APPLICATION_CLASS (tpda_application_parent_class)->startup (application);
  self->settings = g_settings_new (TPDA_APPLICATION_ID);
  self->models = tpda_model_list_new (self->settings);
  self->trainings = tpda_training_list_new (NULL);
  self->generator = tpda_generator_new (&self->error);
  self->library = open_library ();
  tpda_manners_follow_trainings (GTK_APPLICATION (self), self->trainings);
  if (self->generator != NULL)
    {
      tpda_manners_follow (GTK_APPLICATION (self), self->generator);
      g_signal_connect_object (self->generator, "ended", G_CALLBACK (on_ended), self,
                               G_CONNECT_SWAPPED);
      tpda_queue_file_follow (self->generator, self->settings);
    }
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), shortcuts[i].action,
                                           shortcuts[i].keys);
}

static void
tpda_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    window = GTK_WINDOW (tpda_window_new (TPDA_APPLICATION (application)));
  gtk_window_present (window);
}

/* Files on the command line: there is one place to show settings, so the last one counts. */
static void
tpda_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  tpda_application_activate (application);
  tpda_window_open_file (
      TPDA_WINDOW (gtk_application_get_active_window (GTK_APPLICATION (application))),
      files[n_files - 1]);
}

static void
tpda_application_shutdown (GApplication *application)
{
  TpdaApplication *self = TPDA_APPLICATION (application);

  g_clear_object (&self->generator);
  tpda_library_close (self->library);
  g_clear_object (&self->library);
  g_clear_object (&self->trainings);
  g_clear_object (&self->models);
  g_clear_object (&self->settings);
  g_clear_error (&self->error);
  G_APPLICATION_CLASS (tpda_application_parent_class)->shutdown (application);
}

static void
tpda_application_class_init (TpdaApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = tpda_application_startup;
  application_class->activate = tpda_application_activate;
  application_class->open = tpda_application_open;
  application_class->shutdown = tpda_application_shutdown;
}

static void
tpda_application_init (TpdaApplication *self)
{
}
