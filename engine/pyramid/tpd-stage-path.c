/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-stage-path.h"

#include "../ops/tpd-op.h"
#include "tpd-temporal.h"

TpdPathCoefficients
tpd_stage_path_coefficients (const TpdSchedule *schedule, guint k, double t)
{
  const TpdPyramidConfig *config = tpd_schedule_get_config (schedule);
  const TpdChart *chart = tpd_schedule_get_chart (schedule);
  const TpdStage *stage = tpd_schedule_get_stage (schedule, k);
  double gamma = tpd_chart_gamma (chart, t), sigma = tpd_chart_sigma (chart, t);
  double rho_s = tpd_chart_rho (chart, stage->start), rho_e = tpd_chart_rho (chart, stage->end);
  double g_e = tpd_chart_gamma (chart, stage->end) / tpd_chart_a (chart, stage->end);
  double g_slope = config->form == TPD_FORM_FLOW ? -1 : 0;
  double w = (rho_s - tpd_chart_rho (chart, t)) / (rho_s - rho_e);
  TpdPathCoefficients path = {
      .x_clip = gamma,
      .x_detail = tpd_chart_a (chart, t) * w * g_e,
      .x_noise = sigma,
      .target_clip = g_slope,
      .target_detail = -g_e / (rho_s - rho_e),
      .target_noise = 1,
  };

  if (config->prediction == TPD_PREDICTION_V)
    {
      path.target_clip = (path.target_clip - sigma * path.x_clip) / gamma;
      path.target_detail = (path.target_detail - sigma * path.x_detail) / gamma;
      path.target_noise = gamma; /* (1 − σ²)/γ */
    }
  if (config->velocity_unit == TPD_VELOCITY_UNIT_STAGE)
    {
      double unit = stage->start - stage->end;

      path.target_clip *= unit;
      path.target_detail *= unit;
      path.target_noise *= unit;
    }
  return path;
}

/* U D x */
static TpdTensor *
coarse_of (TpdContext *ctx, const TpdPyramidConfig *config, TpdTensor *x)
{
  gboolean causal = config->causal_first_frame;

  return tpd_temporal_up (ctx, tpd_temporal_down (ctx, x, 2, config->downsampling, causal), causal);
}

TpdStageClips
tpd_stage_clips (TpdContext *ctx, const TpdSchedule *schedule, guint k, TpdTensor *x0)
{
  const TpdPyramidConfig *config = tpd_schedule_get_config (schedule);
  guint frame_stride = tpd_schedule_get_stage (schedule, k)->frame_stride;
  TpdStageClips clips;

  clips.clip = tpd_contiguous (ctx, tpd_temporal_down (ctx, x0, frame_stride, config->downsampling,
                                                       config->causal_first_frame));
  if (k == config->n_stages)
    {
      clips.coarse = clips.clip;
      clips.detail = NULL;
      return clips;
    }
  clips.coarse = coarse_of (ctx, config, clips.clip);
  clips.detail = tpd_lincomb (ctx, 1, clips.clip, -1, clips.coarse);
  return clips;
}

/* One number a clip, [B, 1, …] repeated to the shape of x. */
static TpdTensor *
per_clip (TpdContext *ctx, const double *value, gsize step, TpdTensor *x)
{
  gint64 n = x->view.shape[0], shape[TPD_MAX_DIMS] = {n, 1, 1, 1, 1, 1};
  g_autofree double *wide = g_new (double, n);
  g_autofree float *narrow = g_new (float, n);
  TpdTensor *column;

  for (gint64 i = 0; i < n; i++)
    narrow[i] = (float)(wide[i] = value[i * step]);
  column = x->view.dtype == TPD_F64
               ? tpd_tensor_new_from_host (ctx, TPD_F64, x->view.n_dims, shape, wide)
               : tpd_tensor_new_from_host (ctx, TPD_F32, x->view.n_dims, shape, narrow);
  return tpd_expand (ctx, tpd_cast (ctx, tpd_context_own (ctx, column), x->view.dtype),
                     x->view.n_dims, x->view.shape);
}

/* coefficient[0] c + coefficient[1] d + coefficient[2] ε, each clip with its own coefficients;
 * those of the next clip are `step` numbers further. */
static TpdTensor *
mix (TpdContext *ctx, const TpdStageClips *clips, TpdTensor *noise, const double *coefficient,
     gsize step)
{
  TpdTensor *terms[] = {clips->coarse, clips->detail, noise}, *sum = NULL;

  for (int i = 0; i < 3; i++)
    if (terms[i] != NULL)
      {
        TpdTensor *term = tpd_mul (ctx, terms[i], per_clip (ctx, coefficient + i, step, terms[i]));

        sum = sum != NULL ? tpd_add (ctx, sum, term) : term;
      }
  return sum;
}

TpdTensor *
tpd_stage_path (TpdContext *ctx, const TpdSchedule *schedule, guint k, const TpdStageClips *clips,
                TpdTensor *noise, const double *t, TpdTensor **target)
{
  gint64 n = clips->clip->view.shape[0];
  g_autofree TpdPathCoefficients *path = g_new (TpdPathCoefficients, n);
  const gsize step = sizeof *path / sizeof (double);

  g_assert (tpd_context_failed (ctx) || tpd_tensor_same_shape (clips->clip, noise));

  for (gint64 i = 0; i < n; i++)
    path[i] = tpd_stage_path_coefficients (schedule, k, t[i]);
  if (target != NULL)
    *target = mix (ctx, clips, noise, &path->target_clip, step);
  return mix (ctx, clips, noise, &path->x_clip, step);
}

TpdTensor *
tpd_stage_velocity (TpdContext *ctx, const TpdPyramidConfig *trained, const TpdSchedule *schedule,
                    guint k, double t, TpdTensor *output, TpdTensor *x)
{
  const TpdChart *chart = tpd_schedule_get_chart (schedule);
  const TpdStage *stage = tpd_schedule_get_stage (schedule, k);

  if (trained->prediction == TPD_PREDICTION_V)
    return tpd_lincomb (ctx, tpd_chart_gamma (chart, t), output, tpd_chart_sigma (chart, t), x);
  /* the only stage of a vanilla network is the whole of time, whatever it is run with */
  if (trained->velocity_unit == TPD_VELOCITY_UNIT_STAGE && trained->n_stages > 1)
    return tpd_scale (ctx, output, 1 / (stage->start - stage->end));
  return output;
}

TpdTensor *
tpd_stage_clean_estimate (TpdContext *ctx, const TpdPyramidConfig *trained,
                          const TpdSchedule *schedule, guint k, double t, TpdTensor *y,
                          TpdTensor *u)
{
  const TpdPyramidConfig *config = tpd_schedule_get_config (schedule);
  const TpdChart *chart = tpd_schedule_get_chart (schedule);
  const TpdStage *stage = tpd_schedule_get_stage (schedule, k);
  double rho_s = tpd_chart_rho (chart, stage->start), rho_e = tpd_chart_rho (chart, stage->end);
  double g_e = tpd_chart_gamma (chart, stage->end) / tpd_chart_a (chart, stage->end);
  double overshoot = g_e * rho_s / (rho_s - rho_e);
  TpdTensor *z = tpd_lincomb (ctx, 1, y, -tpd_chart_rho (chart, t), u);

  if (trained->n_stages == 1 || k == config->n_stages)
    return z;
  return tpd_lincomb (ctx, 1 / overshoot, z, 1 - 1 / overshoot, coarse_of (ctx, config, z));
}
