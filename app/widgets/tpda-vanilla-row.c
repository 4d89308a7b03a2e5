/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-vanilla-row.h"

#include <glib/gi18n.h>

struct _TpdaVanillaRow
{
  AdwActionRow parent_instance;

  /* of the row */
  GtkButton *button;

  /* owned */
  TpdaGenerator *generator;
  TpdaPlayer *player;
  TpdaJob *job;     /* the pyramid's */
  TpdaJob *vanilla; /* NULL until asked for */

  /* state */
  TpdRequest *request; /* for the vanilla job; NULL if there can be none */
  TpdaPlan plan;
};

G_DEFINE_FINAL_TYPE (TpdaVanillaRow, tpda_vanilla_row, ADW_TYPE_ACTION_ROW)

static gboolean
is_running (TpdaVanillaRow *self)
{
  return self->vanilla != NULL && !tpda_job_has_ended (self->vanilla);
}

static gboolean
is_done (TpdaVanillaRow *self)
{
  return self->vanilla != NULL && tpda_job_get_state (self->vanilla) == TPDA_JOB_DONE;
}

/* ── the request ── */

/* The same clip with K = 1. What shapes stages means nothing then. */
static TpdRequest *
vanilla_request (const TpdRequest *request)
{
  TpdRequest *vanilla = tpd_request_copy (request);

  g_object_set (vanilla->settings, "stages", 1u, "stage-steps", "", "training-free", FALSE,
                "correlation", 0.0, NULL);
  return vanilla;
}

/* NULL, and why, if there is nothing to compare with. */
static TpdRequest *
try_request (TpdaVanillaRow *self, const TpdModelInfo *model, char **why)
{
  g_autoptr (TpdRequest) request = NULL;
  g_autoptr (GError) error = NULL;

  if (tpda_job_get_plan (self->job)->n_stages == 1)
    {
      *why = g_strdup (_ ("This clip is vanilla diffusion already"));
      return NULL;
    }
  request = vanilla_request (tpda_job_get_request (self->job));
  if (model == NULL || !tpda_plan_init (&self->plan, request, model, &error))
    {
      *why = g_strdup (_ ("The model has no vanilla denoiser"));
      return NULL;
    }
  return g_steal_pointer (&request);
}

/* ── what is shown ── */

/* Seconds spent in all stages: without loading the model, which the first of both jobs did. */
static double
sampling_time (TpdaJob *job)
{
  GListModel *stages = tpda_job_get_stages (job);
  double seconds = 0;

  for (guint i = 0; i < g_list_model_get_n_items (stages); i++)
    {
      g_autoptr (TpdaStage) stage = g_list_model_get_item (stages, i);

      seconds += tpda_stage_get_elapsed (stage);
    }
  return seconds;
}

static char *
describe (TpdaVanillaRow *self)
{
  if (self->vanilla == NULL)
    return g_strdup (_ ("The same prompt and seed, with every step at the full frame rate"));
  if (is_done (self))
    return g_strdup_printf (_ ("Sampling took %.2f s, with the pyramid %.2f s: %.2f times as fast"),
                            sampling_time (self->vanilla), sampling_time (self->job),
                            sampling_time (self->vanilla) / MAX (sampling_time (self->job), 0.001));
  return tpda_job_describe (self->vanilla);
}

static void
update (TpdaVanillaRow *self)
{
  g_autofree char *text = describe (self);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
  gtk_button_set_label (self->button, is_running (self) ? _ ("Stop")
                                      : is_done (self)  ? _ ("Show Both")
                                                        : _ ("Compare"));
}

static void
show_both (TpdaVanillaRow *self)
{
  g_autofree char *pyramid = g_strdup_printf (_ ("Pyramid, %.2f s"), sampling_time (self->job));
  g_autofree char *vanilla = g_strdup_printf (_ ("Vanilla, %.2f s"), sampling_time (self->vanilla));

  tpda_player_set_clip (self->player, tpda_job_get_clip (self->job), pyramid);
  tpda_player_set_reference (self->player, tpda_job_get_clip (self->vanilla), vanilla);
  tpda_player_play (self->player);
}

static void
on_changed (TpdaVanillaRow *self)
{
  update (self);
  if (is_done (self))
    show_both (self);
}

static void
on_clicked (TpdaVanillaRow *self)
{
  if (is_running (self))
    tpda_generator_cancel (self->generator, self->vanilla);
  else if (is_done (self))
    show_both (self);
  else
    {
      g_clear_object (&self->vanilla); /* one that failed or was stopped */
      self->vanilla = tpda_job_new (self->request, &self->plan);
      g_signal_connect_object (self->vanilla, "changed", G_CALLBACK (on_changed), self,
                               G_CONNECT_SWAPPED);
      tpda_generator_add (self->generator, self->vanilla);
      update (self);
    }
}

void
tpda_vanilla_row_set_up (TpdaVanillaRow *self, TpdaGenerator *generator, TpdaPlayer *player)
{
  g_set_object (&self->generator, generator);
  g_set_object (&self->player, player);
}

void
tpda_vanilla_row_set_job (TpdaVanillaRow *self, TpdaJob *job, const TpdModelInfo *model)
{
  g_autofree char *why = NULL;

  if (is_running (self))
    tpda_generator_cancel (self->generator, self->vanilla);
  if (self->vanilla != NULL)
    g_signal_handlers_disconnect_by_data (self->vanilla, self);
  g_clear_object (&self->vanilla);
  g_clear_pointer (&self->request, tpd_request_free);
  g_set_object (&self->job, job);
  self->request = try_request (self, model, &why);
  update (self);
  gtk_widget_set_sensitive (GTK_WIDGET (self), self->request != NULL);
  if (why != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self), why);
}

gboolean
tpda_vanilla_row_owns (TpdaVanillaRow *self, TpdaJob *job)
{
  return job == self->vanilla;
}

/* ── life cycle ── */

static void
tpda_vanilla_row_dispose (GObject *object)
{
  TpdaVanillaRow *self = TPDA_VANILLA_ROW (object);

  if (self->vanilla != NULL)
    g_signal_handlers_disconnect_by_data (self->vanilla, self);
  g_clear_object (&self->vanilla);
  g_clear_object (&self->job);
  g_clear_object (&self->generator);
  g_clear_object (&self->player);
  g_clear_pointer (&self->request, tpd_request_free);
  G_OBJECT_CLASS (tpda_vanilla_row_parent_class)->dispose (object);
}

static void
tpda_vanilla_row_class_init (TpdaVanillaRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tpda_vanilla_row_dispose;
}

static void
tpda_vanilla_row_init (TpdaVanillaRow *self)
{
  self->button = GTK_BUTTON (gtk_button_new_with_label (_ ("Compare")));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _ ("Compare with vanilla diffusion"));
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), GTK_WIDGET (self->button));
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (on_clicked), self);
}
