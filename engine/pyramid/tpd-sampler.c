/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-sampler.h"

#include <string.h>

#include "../ops/tpd-op.h"
#include "tpd-guidance.h"
#include "tpd-jump.h"
#include "tpd-midway.h"
#include "tpd-stage-path.h"
#include "tpd-steps.h"

#define FRAMES 1 /* the dimension */

struct _TpdSampler
{
  GObject parent_instance;

  /* owned */
  TpdSchedule *schedule; /* the stages to run */

  /* the plan */
  TpdPyramidConfig trained; /* what the network's output means */
  TpdSolverKind solver;
  double spacing;
  double guidance_scale;
  guint steps[TPD_MAX_STAGES];
  TpdMidway start;

  /* while it runs: where the last step began, for estimates */
  const TpdStage *stage; /* borrowed */
  TpdTensor *y;          /* owned */
  TpdTensor *velocity;   /* owned */
  double t;
};

G_DEFINE_FINAL_TYPE (TpdSampler, tpd_sampler, G_TYPE_OBJECT)

/* ── the plan ── */

/* The stages to run: those that the network was trained with, or others if they may be. */
static gboolean
settle_stages (const TpdPyramidConfig *trained, TpdSamplerSettings *settings, TpdPyramidConfig *run,
               GError **error)
{
  guint n_stages = tpd_sampler_settings_get_stages (settings);
  double correlation = tpd_sampler_settings_get_correlation (settings);
  gboolean vanilla = trained->n_stages == 1;

  *run = *trained;
  if (n_stages != 0 && n_stages != trained->n_stages)
    {
      if (!vanilla || !tpd_sampler_settings_get_training_free (settings))
        {
          g_set_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
                       vanilla ? "The denoiser is vanilla (trained with %u stage) and runs in %u "
                                 "stages only if \"training-free\" is set"
                               : "The denoiser was trained with %u stages and cannot run in %u",
                       trained->n_stages, n_stages);
          return FALSE;
        }
      run->n_stages = n_stages;
      run->n_boundaries = 0;
    }
  if (correlation != 0 && correlation != trained->correlation)
    {
      if (!vanilla)
        {
          g_set_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
                       "The denoiser was trained with a jump correlation of %g, which fixes where "
                       "its stages end, and cannot run with %g",
                       trained->correlation, correlation);
          return FALSE;
        }
      run->correlation = correlation;
    }
  return TRUE;
}

TpdSampler *
tpd_sampler_new (const TpdPyramidConfig *trained, TpdSamplerSettings *settings, GError **error)
{
  g_autoptr (TpdSampler) self = NULL;
  TpdPyramidConfig run;

  g_return_val_if_fail (trained != NULL && TPD_IS_SAMPLER_SETTINGS (settings), NULL);

  if (!settle_stages (trained, settings, &run, error))
    return NULL;
  self = g_object_new (TPD_TYPE_SAMPLER, NULL);
  self->trained = *trained;
  self->schedule = tpd_schedule_new (&run, error);
  if (self->schedule == NULL ||
      !tpd_steps_distribute (run.n_stages, tpd_sampler_settings_get_steps (settings),
                             tpd_sampler_settings_get_stage_steps (settings), self->steps, error))
    return NULL;
  self->solver = tpd_sampler_settings_get_sampler (settings);
  self->spacing = tpd_sampler_settings_get_spacing (settings);
  self->guidance_scale = tpd_sampler_settings_get_guidance_scale (settings);
  self->start = tpd_midway_find (self->schedule, 1);
  return g_steal_pointer (&self);
}

void
tpd_sampler_start_midway (TpdSampler *self, double strength)
{
  guint k;

  g_return_if_fail (TPD_IS_SAMPLER (self) && strength > 0 && strength <= 1);

  self->start = tpd_midway_find (self->schedule, strength);
  k = self->start.stage;
  self->steps[k - 1] = tpd_midway_steps (tpd_schedule_get_stage (self->schedule, k),
                                         self->start.time, self->steps[k - 1], self->spacing);
  while (k++ < tpd_schedule_get_n_stages (self->schedule))
    self->steps[k - 1] = 0;
}

TpdSchedule *
tpd_sampler_get_schedule (TpdSampler *self)
{
  return self->schedule;
}

guint
tpd_sampler_get_first_stage (TpdSampler *self)
{
  return self->start.stage;
}

guint
tpd_sampler_get_stage_steps (TpdSampler *self, guint k)
{
  g_return_val_if_fail (k >= 1 && k <= tpd_schedule_get_n_stages (self->schedule), 0);
  return self->steps[k - 1];
}

double
tpd_sampler_get_step_time (TpdSampler *self, guint k, guint i)
{
  TpdStage stage = *tpd_schedule_get_stage (self->schedule, k);

  if (k == self->start.stage)
    stage.start = self->start.time;
  return tpd_steps_time (&stage, i, self->steps[k - 1], self->spacing);
}

guint
tpd_sampler_get_total_steps (TpdSampler *self)
{
  guint total = 0;

  for (guint k = tpd_schedule_get_n_stages (self->schedule); k >= 1; k--)
    total += self->steps[k - 1];
  return total;
}

/* ── running it ── */

typedef struct
{
  TpdSampler *sampler;
  const TpdSamplerInput *input;
  TpdGuidance guidance;
  TpdTensor *held; /* owned, nullable: dy/dρ of a given first frame in this stage */
} Run;

/* u with the known velocity of frame 0 in place of the network's. */
static TpdTensor *
hold_first_frame (TpdContext *ctx, TpdTensor *u, TpdTensor *held)
{
  gint64 n = u->view.shape[FRAMES];

  if (n == 1)
    return held;
  return tpd_concat (ctx, (TpdTensor *[]){held, tpd_slice (ctx, u, FRAMES, 1, n, 1)}, 2, FRAMES);
}

/* dy/dρ at (y, t): asks the network. A TpdVelocityFunc. */
static TpdTensor *
velocity_at (TpdContext *ctx, TpdTensor *y, double t, gpointer data)
{
  Run *run = data;
  TpdSampler *self = run->sampler;
  const TpdChart *chart = tpd_schedule_get_chart (self->schedule);
  TpdTensor *x = tpd_scale (ctx, y, tpd_chart_a (chart, t));
  TpdTensor *output =
      tpd_guidance_predict (&run->guidance, ctx, run->input->denoiser, x,
                            tpd_chart_timestep (chart, t), self->stage->frame_stride);
  TpdTensor *u =
      tpd_stage_velocity (ctx, &self->trained, self->schedule, self->stage->index, t, output, x);

  return run->held != NULL ? hold_first_frame (ctx, u, run->held) : u;
}

static void
remember (TpdSampler *self, TpdTensor *y, TpdTensor *velocity, double t)
{
  if (y != NULL)
    tpd_tensor_ref (y);
  if (velocity != NULL)
    tpd_tensor_ref (velocity);
  g_clear_pointer (&self->y, tpd_tensor_unref);
  g_clear_pointer (&self->velocity, tpd_tensor_unref);
  self->y = y;
  self->velocity = velocity;
  self->t = t;
}

/* One step of *y from t0 to t1, waiting for the device. */
static gboolean
step (Run *run, TpdContext *ctx, TpdSolver *solver, TpdTensor **y, double t0, double t1,
      GError **error)
{
  TpdTensor *next;

  tpd_context_push_scope (ctx);
  next = tpd_tensor_ref (tpd_solver_step (solver, ctx, *y, t0, t1, velocity_at, run));
  remember (run->sampler, *y, solver->last_velocity, t0);
  tpd_context_pop_scope (ctx, NULL);
  tpd_tensor_unref (*y);
  *y = next;
  return tpd_context_sync (ctx, error);
}

/* Replaces *x by factor · *x, in no scope. */
static void
rescale (TpdContext *ctx, TpdTensor **x, double factor)
{
  TpdTensor *scaled;

  if (factor == 1)
    return;
  tpd_context_push_scope (ctx);
  scaled = tpd_tensor_ref (tpd_scale (ctx, *x, factor));
  tpd_context_pop_scope (ctx, NULL);
  tpd_tensor_unref (*x);
  *x = scaled;
}

/* One clip for all, or one for each, as a batch. */
static TpdTensor *
batch (TpdContext *ctx, TpdTensor *x, gint64 n)
{
  gint64 shape[TPD_MAX_DIMS];

  memcpy (shape, x->view.shape, sizeof shape);
  shape[0] = n;
  return tpd_contiguous (ctx, tpd_expand (ctx, x, x->view.n_dims, shape));
}

/* The line that frame 0 of y follows from time t to the end of the stage: towards the given one. */
static void
aim_first_frame (Run *run, TpdContext *ctx, TpdTensor *y, double t)
{
  const TpdChart *chart = tpd_schedule_get_chart (run->sampler->schedule);
  double rho = tpd_chart_rho (chart, t);

  g_clear_pointer (&run->held, tpd_tensor_unref);
  if (run->input->first_frame == NULL)
    return;
  tpd_context_push_scope (ctx);
  run->held =
      tpd_tensor_ref (tpd_lincomb (ctx, 1 / rho, tpd_slice (ctx, y, FRAMES, 0, 1, 1), -1 / rho,
                                   batch (ctx, run->input->first_frame, y->view.shape[0])));
  tpd_context_pop_scope (ctx, NULL);
}

/* Solves one stage: *x from where it starts to e_k. */
static gboolean
run_stage (Run *run, TpdContext *ctx, TpdTensor **x, TpdSamplerProgress *progress,
           TpdSamplerFunc func, gpointer data, GCancellable *cancellable, GError **error)
{
  TpdSampler *self = run->sampler;
  const TpdChart *chart = tpd_schedule_get_chart (self->schedule);
  TpdSolver solver = {.kind = self->solver, .chart = chart};
  guint k = self->stage->index, n = self->steps[k - 1];
  double start = tpd_sampler_get_step_time (self, k, 0);
  gboolean good = TRUE;

  progress->stage = k;
  progress->stage_steps = n;
  rescale (ctx, x, 1 / tpd_chart_a (chart, start));
  aim_first_frame (run, ctx, *x, start);
  for (guint i = 0; i < n && good; i++)
    {
      good = !g_cancellable_set_error_if_cancelled (cancellable, error) &&
             step (run, ctx, &solver, x, tpd_sampler_get_step_time (self, k, i),
                   tpd_sampler_get_step_time (self, k, i + 1), error);
      progress->step = i + 1;
      progress->done++;
      if (good && func != NULL)
        func (self, progress, data);
    }
  tpd_solver_reset (&solver);
  remember (self, NULL, NULL, 0);
  rescale (ctx, x, tpd_chart_a (chart, self->stage->end));
  return good;
}

/* Replaces *x, the end of the stage, by the start of the next finer one. */
static void
jump (TpdSampler *self, TpdContext *ctx, TpdTensor **x, TpdNoiseSource *noise)
{
  TpdTensor *next;

  tpd_context_push_scope (ctx);
  next = tpd_tensor_ref (tpd_jump (ctx, self->schedule, self->stage->index, *x, noise));
  tpd_context_pop_scope (ctx, NULL);
  tpd_tensor_unref (*x);
  *x = next;
}

/* What the first stage starts from, at its frame rate, in no scope: noise, midway over the clip. */
static TpdTensor *
start (Run *run, TpdContext *ctx)
{
  TpdSampler *self = run->sampler;
  const TpdSamplerInput *input = run->input;
  guint k = self->start.stage;
  gint64 shape[5];
  TpdTensor *x, *clip;

  memcpy (shape, input->shape, sizeof shape);
  shape[FRAMES] = tpd_schedule_get_n_frames (self->schedule, k, (guint)shape[FRAMES]);
  tpd_context_push_scope (ctx);
  x = tpd_noise_source_draw (input->noise, ctx, input->dtype, 5, shape, TPD_NOISE_START, k);
  if (self->start.time < 1)
    {
      clip = batch (ctx, input->clip, shape[0]);
      if (input->first_frame != NULL)
        clip = hold_first_frame (ctx, clip, batch (ctx, input->first_frame, shape[0]));
      x = tpd_midway_noise (ctx, &self->trained, self->schedule, self->start, clip, x);
    }
  tpd_tensor_ref (x);
  tpd_context_pop_scope (ctx, NULL);
  return x;
}

/* Whether what is given can be used. */
static gboolean
check_input (TpdSampler *self, const TpdSamplerInput *input, GError **error)
{
  const TpdPyramidConfig *config = tpd_schedule_get_config (self->schedule);

  g_assert (self->start.time == 1 || input->clip != NULL);

  if (!tpd_schedule_check_frames (self->schedule, (guint)input->shape[FRAMES], error))
    return FALSE;
  if (input->first_frame != NULL && config->n_stages > 1 &&
      config->downsampling == TPD_DOWNSAMPLING_MEAN && !config->causal_first_frame)
    {
      g_set_error_literal (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
                           "A first frame cannot be held: the denoiser's coarse stages show means "
                           "of two frames (\"downsampling\": \"mean\")");
      return FALSE;
    }
  return TRUE;
}

TpdTensor *
tpd_sampler_run (TpdSampler *self, TpdContext *ctx, const TpdSamplerInput *input,
                 TpdSamplerFunc progress, gpointer data, GCancellable *cancellable, GError **error)
{
  TpdSamplerProgress state = {.total = tpd_sampler_get_total_steps (self)};
  Run run = {.sampler = self, .input = input};
  g_autoptr (TpdTensor) x = NULL;
  gboolean good = TRUE;

  g_return_val_if_fail (TPD_IS_SAMPLER (self) && TPD_IS_CONTEXT (ctx), NULL);

  if (!check_input (self, input, error))
    return NULL;
  tpd_context_push_scope (ctx);
  tpd_guidance_init (&run.guidance, ctx, self->guidance_scale, input->conditional,
                     input->unconditional);
  x = start (&run, ctx);
  for (guint k = self->start.stage; k >= 1 && good; k--)
    {
      self->stage = tpd_schedule_get_stage (self->schedule, k);
      good = run_stage (&run, ctx, &x, &state, progress, data, cancellable, error);
      if (good && k > 1)
        jump (self, ctx, &x, input->noise);
    }
  g_clear_pointer (&run.held, tpd_tensor_unref);
  tpd_context_pop_scope (ctx, NULL);
  return good && tpd_context_sync (ctx, error) ? g_steal_pointer (&x) : NULL;
}

TpdTensor *
tpd_sampler_estimate (TpdSampler *self, TpdContext *ctx)
{
  g_return_val_if_fail (self->y != NULL, NULL);

  return tpd_stage_clean_estimate (ctx, &self->trained, self->schedule, self->stage->index, self->t,
                                   self->y, self->velocity);
}

static void
tpd_sampler_finalize (GObject *object)
{
  TpdSampler *self = TPD_SAMPLER (object);

  remember (self, NULL, NULL, 0);
  g_clear_pointer (&self->schedule, tpd_schedule_unref);
  G_OBJECT_CLASS (tpd_sampler_parent_class)->finalize (object);
}

static void
tpd_sampler_class_init (TpdSamplerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_sampler_finalize;
}

static void
tpd_sampler_init (TpdSampler *self)
{
}
