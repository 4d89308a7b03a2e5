/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-stage-path.h"

#include <math.h>

#include "pyramid-fixture.h"

/* The closed forms of tpd-stage-path.h against the paper's equations, evaluated as they are
 * printed. */

#define EXACT 1e-11 /* double operations, differences of numbers near one another divided */

#define N_CLIPS  3
#define N_FRAMES 8
#define N        (N_CLIPS * N_FRAMES)

/* One pixel, one channel: a clip is its frames. */
typedef struct
{
  double coarse, fine, eps; /* U D_{k+1} x0 (D_K x0 at the top), D_k x0, ε: one frame of one clip */
} Frame;

/* (7), (8) */
static double
start_point (const TpdChart *chart, double s, Frame f)
{
  return tpd_chart_gamma (chart, s) * f.coarse + tpd_chart_sigma (chart, s) * f.eps;
}

static double
end_point (const TpdChart *chart, double e, Frame f)
{
  return tpd_chart_gamma (chart, e) * f.fine + tpd_chart_sigma (chart, e) * f.eps;
}

/* (12): x_t = t' x̂_s + (1 − t') x̂_e with t' = (t − e)/(s − e); (13): dx/dt' = x̂_s − x̂_e, and u is
 * that per unit of t */
static void
flow_by_the_paper (const TpdChart *chart, const TpdStage *stage, double t, Frame f, double *x,
                   double *u)
{
  double width = stage->start - stage->end, local = (t - stage->end) / width;
  double from = start_point (chart, stage->start, f), to = end_point (chart, stage->end, f);

  *x = local * from + (1 - local) * to;
  *u = (from - to) / width;
}

/* (10): x_t = γ_t/γ_s x̂_s + (σ_t − γ_t/γ_s σ_s) ε_k, the DDIM step from s; (11): the ε_k for which
 * it arrives at x̂_e */
static void
ddim_by_the_paper (const TpdChart *chart, const TpdStage *stage, double t, Frame f, double *x,
                   double *u)
{
  double gamma_s = tpd_chart_gamma (chart, stage->start);
  double sigma_s = tpd_chart_sigma (chart, stage->start);
  double gamma_e = tpd_chart_gamma (chart, stage->end);
  double sigma_e = tpd_chart_sigma (chart, stage->end);
  double from = start_point (chart, stage->start, f), to = end_point (chart, stage->end, f);
  double ratio = tpd_chart_gamma (chart, t) / gamma_s;

  *u = (to / gamma_e - from / gamma_s) / (sigma_e / gamma_e - sigma_s / gamma_s);
  *x = ratio * from + (tpd_chart_sigma (chart, t) - ratio * sigma_s) * *u;
}

typedef struct
{
  TpdForm form;
  TpdPrediction prediction;
  TpdVelocityUnit unit;
  TpdDownsampling down;
} Case;

static void
check_stage (TpdContext *ctx, const TpdSchedule *schedule, guint k)
{
  const TpdPyramidConfig *config = tpd_schedule_get_config (schedule);
  const TpdChart *chart = tpd_schedule_get_chart (schedule);
  const TpdStage *stage = tpd_schedule_get_stage (schedule, k);
  TpdTensor *x0 = tpd_randn (ctx, TPD_F64, TPD_SHAPE (N_CLIPS, N_FRAMES, 1, 1, 1), 7, 0);
  TpdStageClips clips = tpd_stage_clips (ctx, schedule, k, x0);
  gint64 n_frames = clips.clip->view.shape[1];
  TpdTensor *eps = tpd_randn (ctx, TPD_F64, 5, clips.clip->view.shape, 8, 0), *target, *x, *u;
  double t[N_CLIPS], expected_x[N], expected_u[N];
  g_autofree double *fine = elements (ctx, clips.clip), *coarse = elements (ctx, clips.coarse);
  g_autofree double *noise = elements (ctx, eps);

  for (guint b = 0; b < N_CLIPS; b++)
    t[b] = stage->end + (stage->start - stage->end) * (b + 0.25) / N_CLIPS;
  for (guint i = 0; i < N_CLIPS * n_frames; i++)
    {
      Frame f = {coarse[i], fine[i], noise[i]};

      (config->form == TPD_FORM_FLOW ? flow_by_the_paper : ddim_by_the_paper) (
          chart, stage, t[i / n_frames], f, &expected_x[i], &expected_u[i]);
    }
  x = tpd_stage_path (ctx, schedule, k, &clips, eps, t, &target);
  assert_elements (ctx, x, N_CLIPS * n_frames, expected_x, EXACT);
  /* the target says u in the network's terms, and tpd_stage_velocity() takes it back */
  for (guint b = 0; b < N_CLIPS; b++)
    {
      TpdTensor *x_b = tpd_slice (ctx, x, 0, b, b + 1, 1);

      u = tpd_stage_velocity (ctx, config, schedule, k, t[b],
                              tpd_slice (ctx, target, 0, b, b + 1, 1), x_b);
      assert_elements (ctx, u, n_frames, expected_u + b * n_frames, EXACT);
      /* and the clip can be read off exact values */
      assert_elements (
          ctx,
          tpd_stage_clean_estimate (ctx, config, schedule, k, t[b],
                                    tpd_scale (ctx, x_b, 1 / tpd_chart_a (chart, t[b])), u),
          n_frames, fine + b * n_frames, EXACT);
    }
}

static void
test_paper (Fixture *f, gconstpointer data)
{
  static const Case cases[] = {
      {TPD_FORM_FLOW, TPD_PREDICTION_VELOCITY, TPD_VELOCITY_UNIT_GLOBAL, TPD_DOWNSAMPLING_STRIDE},
      {TPD_FORM_FLOW, TPD_PREDICTION_VELOCITY, TPD_VELOCITY_UNIT_STAGE, TPD_DOWNSAMPLING_MEAN},
      {TPD_FORM_DDIM, TPD_PREDICTION_EPSILON, TPD_VELOCITY_UNIT_GLOBAL, TPD_DOWNSAMPLING_STRIDE},
      {TPD_FORM_DDIM, TPD_PREDICTION_V, TPD_VELOCITY_UNIT_GLOBAL, TPD_DOWNSAMPLING_MEAN},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint n_stages = 1; n_stages <= 4; n_stages++)
      {
        g_autoptr (TpdSchedule) schedule = NULL;
        TpdPyramidConfig config;

        tpd_pyramid_config_init (&config, cases[i].form, n_stages);
        config.prediction = cases[i].prediction;
        config.velocity_unit = cases[i].unit;
        config.downsampling = cases[i].down;
        schedule = tpd_schedule_new (&config, NULL);
        for (guint k = 1; k <= n_stages; k++)
          check_stage (f->ctx, schedule, k);
      }
}

/* K = 1 is vanilla: ε − x0 for flow, ε for DDIM, γ ε − σ x0 for v. */
static void
test_vanilla (Fixture *f, gconstpointer data)
{
  const double t = 0.37;
  TpdPyramidConfig config;
  g_autoptr (TpdSchedule) flow = NULL, epsilon = NULL, v = NULL;
  TpdPathCoefficients path;
  const TpdChart *chart;

  tpd_pyramid_config_init (&config, TPD_FORM_FLOW, 1);
  config.velocity_unit = TPD_VELOCITY_UNIT_STAGE; /* the whole of time: no difference */
  flow = tpd_schedule_new (&config, NULL);
  path = tpd_stage_path_coefficients (flow, 1, t);
  g_assert_cmpfloat (path.target_clip, ==, -1);
  g_assert_cmpfloat (path.target_noise, ==, 1);
  g_assert_cmpfloat (path.x_clip, ==, 1 - t);
  g_assert_cmpfloat (path.x_noise, ==, t);

  tpd_pyramid_config_init (&config, TPD_FORM_DDIM, 1);
  epsilon = tpd_schedule_new (&config, NULL);
  path = tpd_stage_path_coefficients (epsilon, 1, t);
  g_assert_cmpfloat (path.target_clip, ==, 0);
  g_assert_cmpfloat (path.target_noise, ==, 1);

  config.prediction = TPD_PREDICTION_V;
  v = tpd_schedule_new (&config, NULL);
  chart = tpd_schedule_get_chart (v);
  path = tpd_stage_path_coefficients (v, 1, t);
  g_assert_cmpfloat_with_epsilon (path.target_clip, -tpd_chart_sigma (chart, t), EXACT);
  g_assert_cmpfloat_with_epsilon (path.target_noise, tpd_chart_gamma (chart, t), EXACT);
}

/* f32 clips stay f32, and are near the f64 ones. */
static void
test_f32 (Fixture *f, gconstpointer data)
{
  const double single = 1e-5;
  const gint64 shape[] = {2, 8, 3, 2, 2};
  g_autoptr (TpdSchedule) schedule = NULL;
  TpdTensor *x[2], *target[2];
  TpdPyramidConfig config;
  double t[2];

  tpd_pyramid_config_init (&config, TPD_FORM_DDIM, 3);
  schedule = tpd_schedule_new (&config, NULL);
  t[0] = tpd_schedule_get_stage (schedule, 2)->start;
  t[1] = tpd_schedule_get_stage (schedule, 2)->end;
  for (int i = 0; i < 2; i++)
    {
      TpdDtype dtype = i == 0 ? TPD_F32 : TPD_F64;
      TpdStageClips clips =
          tpd_stage_clips (f->ctx, schedule, 2, tpd_randn (f->ctx, dtype, 5, shape, 1, 0));

      x[i] = tpd_stage_path (f->ctx, schedule, 2, &clips,
                             tpd_randn (f->ctx, dtype, 5, clips.clip->view.shape, 2, 0), t,
                             &target[i]);
      g_assert_cmpint (x[i]->view.dtype, ==, dtype);
    }
  for (int i = 0; i < 2; i++)
    {
      TpdTensor **pair = i == 0 ? x : target;
      g_autofree double *expected = elements (f->ctx, pair[1]);

      assert_elements (f->ctx, pair[0], 2 * 4 * 12, expected, single);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/stage-path/paper", test_paper);
  fixture_add ("/stage-path/vanilla", test_vanilla);
  fixture_add ("/stage-path/f32", test_f32);
  return g_test_run ();
}
