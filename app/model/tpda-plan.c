/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-plan.h"

#include <glib/gi18n.h>
#include <math.h>

#include "pyramid/tpd-sampler.h"

/* How often a step asks the network, per frame. */
static double
evaluations_per_step (TpdSamplerSettings *settings)
{
  double order = tpd_sampler_settings_get_sampler (settings) == TPD_SOLVER_HEUN ? 2 : 1;
  double branches = tpd_sampler_settings_get_guidance_scale (settings) != 1 ? 2 : 1;

  return order * branches;
}

static void
count_work (TpdaPlan *self, double evaluations)
{
  self->n_steps = 0;
  self->work = 0;
  for (guint i = 0; i < self->n_stages; i++)
    {
      self->n_steps += self->stages[i].n_steps;
      self->work += evaluations * self->stages[i].n_steps * self->stages[i].n_frames;
    }
  self->vanilla = evaluations * self->n_steps * self->n_frames;
}

gboolean
tpda_plan_init (TpdaPlan *self, const TpdRequest *request, const TpdModelInfo *model,
                GError **error)
{
  g_autoptr (TpdSamplerSettings) settings = tpd_sampler_settings_copy (request->settings);
  g_autoptr (TpdSampler) sampler = NULL;
  const TpdDenoiserInfo *denoiser;
  TpdSchedule *schedule;
  guint wanted;

  tpd_sampler_settings_fill_in (settings, model->defaults);
  denoiser =
      tpd_model_info_pick_denoiser (model, tpd_sampler_settings_get_stages (settings),
                                    tpd_sampler_settings_get_training_free (settings), error);
  if (denoiser == NULL)
    return FALSE;
  sampler = tpd_sampler_new (&denoiser->pyramid, settings, error);
  if (sampler == NULL)
    return FALSE;
  schedule = tpd_sampler_get_schedule (sampler);
  wanted = tpd_sampler_settings_get_num_frames (settings);

  *self = (TpdaPlan){
      .form = denoiser->pyramid.form,
      .n_stages = tpd_schedule_get_n_stages (schedule),
      .n_frames = wanted > 0 ? wanted : model->n_frames,
      .width = model->width,
      .height = model->height,
      .fps = (double)model->fps_n / model->fps_d,
  };
  if (!tpd_schedule_check_frames (schedule, self->n_frames, error))
    return FALSE;
  for (guint i = 0; i < self->n_stages; i++)
    {
      guint k = self->n_stages - i;

      self->stages[i].n_frames = tpd_schedule_get_n_frames (schedule, k, self->n_frames);
      self->stages[i].n_steps = tpd_sampler_get_stage_steps (sampler, k);
    }
  count_work (self, evaluations_per_step (settings));
  return TRUE;
}

/* "10 at 4 frames, 10 at 8, 10 at 16" */
static char *
list_stages (const TpdaPlan *self)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < self->n_stages; i++)
    {
      if (i == 0)
        /* Translators: steps of the first stage, in a list */
        g_string_append_printf (list, _ ("%u at %u frames"), self->stages[i].n_steps,
                                self->stages[i].n_frames);
      else
        /* Translators: steps of a later stage and its frames, in the same list */
        g_string_append_printf (list, _ (", %u at %u"), self->stages[i].n_steps,
                                self->stages[i].n_frames);
    }
  return g_string_free (list, FALSE);
}

char *
tpda_plan_describe (const TpdaPlan *self)
{
  g_autofree char *clip = g_strdup_printf (
      _ ("%u frames of %u × %u pixels: %.1f s at %.4g frames a second."), self->n_frames,
      self->width, self->height, self->n_frames / self->fps, self->fps);
  g_autofree char *list = list_stages (self);

  if (self->n_stages == 1)
    return g_strdup_printf (_ ("%s %u steps, all at the full frame rate."), clip, self->n_steps);
  return g_strdup_printf (
      _ ("%s %u steps in %u stages: %s. That is %.0f %% of the work of as many steps at the full "
         "frame rate."),
      clip, self->n_steps, self->n_stages, list, 100 * self->work / self->vanilla);
}

char *
tpda_format_seconds (double seconds)
{
  guint whole = (guint)ceil (MAX (seconds, 0));

  if (whole < 60)
    return g_strdup_printf (_ ("%u s"), MAX (whole, 1));
  if (whole < 3600)
    return g_strdup_printf (_ ("%u min %u s"), whole / 60, whole % 60);
  return g_strdup_printf (_ ("%u h %u min"), whole / 3600, whole / 60 % 60);
}

char *
tpda_plan_describe_time (const TpdaPlan *self, double seconds_per_work)
{
  g_autofree char *time = NULL;

  if (seconds_per_work <= 0)
    return g_strdup (_ ("How long it takes will be known after the first clip."));
  time = tpda_format_seconds (self->work * seconds_per_work);
  return g_strdup_printf (_ ("Expected time: about %s."), time);
}
