/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oracle.h"

#include <math.h>
#include <string.h>

#include "ops/tpd-op.h"

/* ── numbers ── */

/* The oracle computes in f64; a GPU's sampler in f32. */
static void
read_numbers (TpdContext *ctx, TpdTensor *x, double *out)
{
  tpd_context_push_scope (ctx);
  g_assert_true (tpd_tensor_to_host (ctx, tpd_cast (ctx, x, TPD_F64), out, NULL));
  tpd_context_pop_scope (ctx, NULL);
}

static void
write_numbers (TpdContext *ctx, TpdTensor *y, const double *x)
{
  TpdTensor *staged = tpd_tensor_new_from_host (ctx, TPD_F64, y->view.n_dims, y->view.shape, x);

  g_assert_nonnull (staged);
  tpd_context_ops (ctx)->copy (tpd_context_get_exec (ctx), &y->view, &staged->view);
  tpd_tensor_unref (staged);
}

/* ── the network ── */

struct _OracleDenoiser
{
  GObject parent_instance;

  TpdPyramidConfig trained;
  OracleClip clip;
  gboolean literal_top_stage;

  /* owned */
  TpdSchedule *schedule; /* as trained */
  TpdSampler *sampler;   /* the one to follow */

  TpdSolverKind solver; /* how it steps */

  /* state */
  guint stage;   /* the sampler's, 0 before the first call */
  guint n_calls; /* in this stage */
  double cost;   /* calls in all, each weighted by 1/frame stride */
};

/* x_t = A x0 + b ε, u = B x0 + c ε */
typedef struct
{
  guint n_rows;
  double A[ORACLE_SIZE], B[ORACLE_SIZE];
  double b, c;
} Path;

/* The straight line of method.md section 4 between (7) and (8), evaluated as it stands. */
static void
stage_path (OracleDenoiser *self, guint k, double t, Path *path)
{
  const TpdStage *stage = tpd_schedule_get_stage (self->schedule, k);
  const TpdChart *chart = tpd_schedule_get_chart (self->schedule);
  double a_s = tpd_chart_a (chart, stage->start), a_e = tpd_chart_a (chart, stage->end);
  double rho_s = tpd_chart_rho (chart, stage->start), rho_e = tpd_chart_rho (chart, stage->end);
  double g_s = tpd_chart_gamma (chart, stage->start) / a_s;
  double g_e = tpd_chart_gamma (chart, stage->end) / a_e;
  double n_s = tpd_chart_sigma (chart, stage->start) / a_s;
  double n_e = tpd_chart_sigma (chart, stage->end) / a_e;
  double a = tpd_chart_a (chart, t), width = rho_s - rho_e;
  double w = (rho_s - tpd_chart_rho (chart, t)) / width;
  double coarse[ORACLE_SIZE], fine[ORACLE_SIZE];

  path->n_rows = oracle_down (&self->trained, self->clip.n, stage->frame_stride, fine);
  if (k < self->trained.n_stages || self->literal_top_stage)
    oracle_coarse (&self->trained, self->clip.n, k, coarse);
  else
    memcpy (coarse, fine, sizeof coarse);
  for (guint i = 0; i < path->n_rows * self->clip.n; i++)
    {
      path->A[i] = a * ((1 - w) * g_s * coarse[i] + w * g_e * fine[i]);
      path->B[i] = (g_s * coarse[i] - g_e * fine[i]) / width;
    }
  path->b = a * ((1 - w) * n_s + w * n_e);
  path->c = (n_s - n_e) / width;
}

/* A vanilla network that also knows low frame rates: one stage from noise to D x0. */
static void
vanilla_path (OracleDenoiser *self, guint frame_stride, double t, Path *path)
{
  const TpdChart *chart = tpd_schedule_get_chart (self->schedule);
  double slope = self->trained.form == TPD_FORM_FLOW ? -1 : 0;

  path->n_rows = oracle_down (&self->trained, self->clip.n, frame_stride, path->B);
  for (guint i = 0; i < path->n_rows * self->clip.n; i++)
    {
      path->A[i] = tpd_chart_gamma (chart, t) * path->B[i];
      path->B[i] *= slope;
    }
  path->b = tpd_chart_sigma (chart, t);
  path->c = 1;
}

/* offset + gain x: E[u | x_t = x] */
static void
best_linear_predictor (const OracleClip *clip, const Path *path, double *gain, double *offset)
{
  guint n = path->n_rows;
  double ac[ORACLE_SIZE], bc[ORACLE_SIZE], s[ORACLE_SIZE], mean_x[ORACLE_MAX_FRAMES];

  oracle_product (path->A, clip->covariance, n, clip->n, clip->n, ac);
  oracle_product (path->B, clip->covariance, n, clip->n, clip->n, bc);
  oracle_product_transposed (ac, path->A, n, n, clip->n, s);
  oracle_product_transposed (bc, path->A, n, n, clip->n, gain);
  for (guint i = 0; i < n; i++)
    {
      s[i * n + i] += path->b * path->b;
      gain[i * n + i] += path->c * path->b;
    }
  oracle_cholesky (s, n);
  oracle_solve_rows (s, n, gain, n);
  oracle_product (path->A, clip->mean, n, 1, clip->n, mean_x);
  oracle_product (path->B, clip->mean, n, 1, clip->n, offset);
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < n; j++)
      offset[i] -= gain[i * n + j] * mean_x[j];
}

/* From u to what the network was trained to say. */
static double
raw_output (OracleDenoiser *self, guint k, double t, double u, double x)
{
  const TpdChart *chart = tpd_schedule_get_chart (self->schedule);
  const TpdStage *stage = tpd_schedule_get_stage (self->schedule, k);

  if (self->trained.prediction == TPD_PREDICTION_V)
    return (u - tpd_chart_sigma (chart, t) * x) / tpd_chart_gamma (chart, t);
  if (self->trained.velocity_unit == TPD_VELOCITY_UNIT_STAGE)
    return u * (stage->start - stage->end);
  return u;
}

/* The time of the sampler's next call: what the timestep says, where it is not clamped. */
static double
next_time (OracleDenoiser *self, guint frame_stride, double timestep)
{
  TpdSchedule *schedule = tpd_sampler_get_schedule (self->sampler);
  guint k = 1 + (guint)g_bit_nth_msf (frame_stride, -1), call, step;
  double t;

  if (k != self->stage)
    self->n_calls = 0;
  self->stage = k;
  call = self->n_calls++;
  step = call;
  if (self->solver == TPD_SOLVER_HEUN)
    step = (call + 1) / 2;
  else if (self->solver == TPD_SOLVER_AB2_HEUN && call >= 2)
    step = call - 1;
  t = tpd_sampler_get_step_time (self->sampler, k, step);
  g_assert_cmpfloat (timestep, ==, tpd_chart_timestep (tpd_schedule_get_chart (schedule), t));
  return t;
}

static TpdTensor *
oracle_denoiser_predict (TpdDenoiser *denoiser, TpdContext *ctx, TpdTensor *x,
                         const double *timesteps, guint frame_stride,
                         const TpdConditioning *conditioning)
{
  OracleDenoiser *self = ORACLE_DENOISER (denoiser);
  guint n_clips = (guint)x->view.shape[0], n = (guint)x->view.shape[1];
  double t = next_time (self, frame_stride, timesteps[0]);
  guint k = self->trained.n_stages > 1 ? self->stage : 1;
  g_autofree double *in = g_new (double, n_clips *n);
  g_autofree double *out = g_new (double, n_clips *n);
  g_autofree Path *path = g_new (Path, 1);
  double gain[ORACLE_SIZE], offset[ORACLE_MAX_FRAMES];
  TpdTensor *y;

  self->cost += 1.0 / frame_stride;
  if (self->trained.n_stages > 1)
    stage_path (self, k, t, path);
  else
    vanilla_path (self, frame_stride, t, path);
  g_assert_cmpuint (path->n_rows, ==, n);
  best_linear_predictor (&self->clip, path, gain, offset);
  read_numbers (ctx, x, in);
  oracle_product_transposed (in, gain, n_clips, n, n, out);
  for (guint b = 0; b < n_clips; b++)
    for (guint i = 0; i < n; i++)
      out[b * n + i] = raw_output (self, k, t, out[b * n + i] + offset[i], in[b * n + i]);
  y = tpd_context_own (ctx, tpd_tensor_new (ctx, x->view.dtype, x->view.n_dims, x->view.shape));
  write_numbers (ctx, y, out);
  return y;
}

static void
oracle_denoiser_iface_init (TpdDenoiserInterface *iface)
{
  iface->predict = oracle_denoiser_predict;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (OracleDenoiser, oracle_denoiser, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (TPD_TYPE_DENOISER,
                                                      oracle_denoiser_iface_init))

OracleDenoiser *
oracle_denoiser_new (const TpdPyramidConfig *trained, const OracleClip *clip, TpdSampler *sampler,
                     TpdSamplerSettings *settings)
{
  OracleDenoiser *self = g_object_new (ORACLE_TYPE_DENOISER, NULL);

  self->trained = *trained;
  self->clip = *clip;
  self->schedule = tpd_schedule_new (trained, NULL);
  g_assert_nonnull (self->schedule);
  self->sampler = g_object_ref (sampler);
  self->solver = tpd_sampler_settings_get_sampler (settings);
  return self;
}

static void
oracle_denoiser_finalize (GObject *object)
{
  OracleDenoiser *self = ORACLE_DENOISER (object);

  g_clear_pointer (&self->schedule, tpd_schedule_unref);
  g_clear_object (&self->sampler);
  G_OBJECT_CLASS (oracle_denoiser_parent_class)->finalize (object);
}

static void
oracle_denoiser_class_init (OracleDenoiserClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oracle_denoiser_finalize;
}

static void
oracle_denoiser_init (OracleDenoiser *self)
{
}

/* ── the noise ── */

struct _OracleNoise
{
  GObject parent_instance;

  gboolean has_start;
  OracleClip start; /* covariance: its Cholesky factor */
  gboolean jump;
  guint n_taken;
  guint n_drawn; /* numbers so far: clips up to n_taken + n_drawn are taken */
};

static void
oracle_noise_fill (TpdNoiseSource *source, TpdContext *ctx, TpdTensor *y, TpdNoisePurpose purpose,
                   guint stage)
{
  OracleNoise *self = ORACLE_NOISE (source);
  guint n_clips = (guint)y->view.shape[0], n = (guint)y->view.shape[1];
  gboolean special = purpose == TPD_NOISE_START && self->has_start;
  g_autofree double *out = g_new0 (double, n_clips *n);
  guint first;

  if (purpose == TPD_NOISE_START)
    self->n_drawn = 0;
  for (guint b = 0; special && b < n_clips; b++)
    memcpy (out + b * n, self->start.mean, n * sizeof *out);
  first = 1 + self->n_taken + self->n_drawn;
  g_assert_cmpuint (first + n, <=, n_clips);
  for (guint i = 0; i < n && (self->jump || purpose == TPD_NOISE_START); i++)
    for (guint j = 0; j < n; j++)
      out[(first + i) * n + j] += special ? self->start.covariance[j * n + i] : (i == j ? 1 : 0);
  self->n_drawn += n;
  write_numbers (ctx, y, out);
}

static void
oracle_noise_iface_init (TpdNoiseSourceInterface *iface)
{
  iface->fill = oracle_noise_fill;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (OracleNoise, oracle_noise, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (TPD_TYPE_NOISE_SOURCE,
                                                      oracle_noise_iface_init))

OracleNoise *
oracle_noise_new (const OracleClip *start, gboolean jump, guint n_taken)
{
  OracleNoise *self = g_object_new (ORACLE_TYPE_NOISE, NULL);

  self->jump = jump;
  self->n_taken = n_taken;
  if (start != NULL)
    {
      self->has_start = TRUE;
      self->start = *start;
      oracle_cholesky (self->start.covariance, start->n);
    }
  return self;
}

static void
oracle_noise_class_init (OracleNoiseClass *klass)
{
}

static void
oracle_noise_init (OracleNoise *self)
{
}

/* ── moments ── */

OracleClip
oracle_moments (TpdContext *ctx, TpdTensor *clips)
{
  guint n_clips = (guint)clips->view.shape[0], n = (guint)clips->view.shape[1];
  g_autofree double *x = g_new (double, n_clips *n);
  OracleClip moments = {.n = n};

  read_numbers (ctx, clips, x);
  memcpy (moments.mean, x, n * sizeof *x);
  for (guint b = 1; b < n_clips; b++)
    for (guint i = 0; i < n; i++)
      for (guint j = 0; j < n; j++)
        moments.covariance[i * n + j] += (x[b * n + i] - x[i]) * (x[b * n + j] - x[j]);
  return moments;
}

/* ── a whole run ── */

OracleRun
oracle_run (TpdForm form, guint n_stages, guint steps)
{
  OracleRun run = {.clip = oracle_clip (16), .steps = steps};

  tpd_pyramid_config_init (&run.trained, form, n_stages);
  return run;
}

/* (15) and (23): √2 γ_s/(σ_s + √2 γ_s) instead of γ_s/γ_e. The schedule is ours alone. */
static void
misprint_jumps (TpdSchedule *schedule)
{
  const TpdChart *chart = tpd_schedule_get_chart (schedule);

  for (guint k = 2; k <= tpd_schedule_get_n_stages (schedule); k++)
    {
      TpdStage *stage = (TpdStage *)tpd_schedule_get_stage (schedule, k);
      double s = tpd_schedule_get_stage (schedule, k - 1)->start;
      double gamma = G_SQRT2 * tpd_chart_gamma (chart, s);

      stage->jump_scale = gamma / (tpd_chart_sigma (chart, s) + gamma);
    }
}

/* The marginal of x̂_{s_K} */
static OracleClip
start_of (const OracleRun *run, TpdSchedule *schedule)
{
  guint k = tpd_schedule_get_n_stages (schedule), n_rows;
  const TpdChart *chart = tpd_schedule_get_chart (schedule);
  double m[ORACLE_SIZE];

  if (run->literal_top_stage)
    n_rows = oracle_coarse (&run->trained, run->clip.n, k, m);
  else
    n_rows = oracle_down (&run->trained, run->clip.n, 1u << (k - 1), m);
  return oracle_marginal (&run->clip, m, n_rows, tpd_chart_gamma (chart, 1),
                          tpd_chart_sigma (chart, 1));
}

/* Clips of the distribution as an affine map of the first n basis vectors. */
static TpdTensor *
clips_of (TpdContext *ctx, TpdDtype dtype, const OracleClip *clip, guint n_clips)
{
  guint n = clip->n;
  g_autofree double *x = g_new (double, n_clips *n);
  OracleClip factor = *clip;
  TpdTensor *clips = tpd_tensor_new (ctx, dtype, TPD_SHAPE (n_clips, n, 1, 1, 1));

  oracle_cholesky (factor.covariance, n);
  for (guint b = 0; b < n_clips; b++)
    for (guint i = 0; i < n; i++)
      x[b * n + i] = clip->mean[i] + (b >= 1 && b <= n ? factor.covariance[i * n + (b - 1)] : 0);
  write_numbers (ctx, clips, x);
  return clips;
}

/* E ‖out − in‖² / (2 tr C) */
static double
change_of (TpdContext *ctx, TpdTensor *in, TpdTensor *out, const OracleClip *clip)
{
  guint n = clip->n, n_clips = (guint)in->view.shape[0];
  g_autofree double *x = g_new (double, n_clips *n);
  g_autofree double *y = g_new (double, n_clips *n);
  double sum = 0, trace = 0;

  read_numbers (ctx, in, x);
  read_numbers (ctx, out, y);
  for (guint i = 0; i < n; i++)
    {
      double mean = y[i] - x[i];

      trace += clip->covariance[i * n + i];
      sum += mean * mean;
      for (guint b = 1; b < n_clips; b++)
        sum += pow (y[b * n + i] - x[b * n + i] - mean, 2);
    }
  return sum / (2 * trace);
}

/* Two numbers a frame are drawn at most: one that starts, one or two a pair at each jump. Clips to
 * start from midway take one more. */
static guint
count_clips (const OracleRun *run)
{
  return 1 + 3 * run->clip.n;
}

OracleResult
oracle_sample (const OracleRun *run)
{
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", NULL);

  return oracle_sample_on (run, device);
}

OracleResult
oracle_sample_on (const OracleRun *run, TpdDevice *device)
{
  guint n_stages = run->stages != 0 ? run->stages : run->trained.n_stages;
  gboolean midway = run->strength != 0;
  g_autoptr (GError) error = NULL;
  TpdDtype dtype = tpd_device_is_host (device) ? TPD_F64 : TPD_F32;
  g_autoptr (TpdContext) ctx = tpd_context_new (device, NULL);
  g_autoptr (TpdSamplerSettings) settings =
      g_object_new (TPD_TYPE_SAMPLER_SETTINGS, "steps", run->steps * n_stages, "sampler",
                    run->solver, "spacing", run->spacing != 0 ? run->spacing : 1.0, "stages",
                    run->stages, "training-free", run->stages != 0, NULL);
  g_autoptr (TpdSampler) sampler = tpd_sampler_new (&run->trained, settings, &error);
  g_autoptr (OracleDenoiser) denoiser = NULL;
  g_autoptr (OracleNoise) noise = NULL;
  g_autoptr (TpdTensor) in = clips_of (ctx, dtype, &run->clip, count_clips (run));
  g_autoptr (TpdTensor) first_frame = tpd_tensor_new (ctx, dtype, TPD_SHAPE (1, 1, 1, 1, 1));
  g_autoptr (TpdTensor) clips = NULL;
  OracleClip start;
  OracleResult result;

  g_assert_no_error (error);
  write_numbers (ctx, first_frame, &run->first_frame);
  if (run->erratum)
    misprint_jumps (tpd_sampler_get_schedule (sampler));
  if (midway)
    tpd_sampler_start_midway (sampler, run->strength);
  start = start_of (run, tpd_sampler_get_schedule (sampler));
  noise = oracle_noise_new (run->exact_start ? &start : NULL, !run->no_jump_noise,
                            midway ? run->clip.n : 0);
  denoiser = oracle_denoiser_new (&run->trained, &run->clip, sampler, settings);
  denoiser->literal_top_stage = run->literal_top_stage;
  clips = tpd_sampler_run (sampler, ctx,
                           &(TpdSamplerInput){.denoiser = TPD_DENOISER (denoiser),
                                              .noise = TPD_NOISE_SOURCE (noise),
                                              .clip = midway ? in : NULL,
                                              .first_frame = run->hold ? first_frame : NULL,
                                              .dtype = dtype,
                                              .shape = {count_clips (run), run->clip.n, 1, 1, 1}},
                           NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  result.got = oracle_moments (ctx, clips);
  result.covariance = oracle_covariance_error (&result.got, &run->clip);
  result.mean = oracle_mean_error (&result.got, &run->clip);
  result.cost = denoiser->cost;
  result.change = midway ? change_of (ctx, in, clips, &run->clip) : 1;
  return result;
}
