/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "tpd-denoiser.h"
#include "tpd-noise-source.h"
#include "tpd-sampler-settings.h"
#include "tpd-schedule.h"

G_BEGIN_DECLS

#define TPD_TYPE_SAMPLER (tpd_sampler_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdSampler, tpd_sampler, TPD, SAMPLER, GObject)

/**
 * TpdSampler:
 *
 * The sampler of the temporal pyramid (method.md sections 6 and 7): noise at the lowest frame rate,
 * then for each stage K … 1 the steps of a solver from s_k to e_k, and a jump to the next. Vanilla
 * diffusion is one stage of the same.
 */

/**
 * tpd_sampler_new:
 * @trained: what the denoiser was trained with
 * @settings: how to sample; read now, not later
 *
 * Settles what the settings mean for this denoiser. Sets %TPD_ERROR_INVALID_ARGUMENT for settings
 * that contradict each other (fewer steps than stages, a stage list of another length, …) and
 * %TPD_ERROR_UNSUPPORTED for what the denoiser was not trained for: another number of stages,
 * unless it is vanilla and the settings say training-free, or another correlation.
 *
 * Returns: (transfer full) (nullable): a sampler
 */
TPD_API TpdSampler *tpd_sampler_new (const TpdPyramidConfig *trained, TpdSamplerSettings *settings,
                                     GError **error);

/** tpd_sampler_get_schedule: Returns: (transfer none): the stages it runs */
TPD_API TpdSchedule *tpd_sampler_get_schedule (TpdSampler *self);
/** tpd_sampler_get_stage_steps: Returns: the steps of stage @k */
TPD_API guint tpd_sampler_get_stage_steps (TpdSampler *self, guint k);
/** tpd_sampler_get_total_steps: Returns: the steps of all stages */
TPD_API guint tpd_sampler_get_total_steps (TpdSampler *self);

/**
 * TpdSamplerProgress:
 * @stage: the stage under way, from K to 1
 * @step: steps done in it, from 1
 * @stage_steps: steps that it has
 * @done: steps done in all
 * @total: steps that there are
 */
typedef struct
{
  guint stage;
  guint step;
  guint stage_steps;
  guint done;
  guint total;
} TpdSamplerProgress;

/* Called after each step, in the sampler's thread. */
typedef void (*TpdSamplerFunc) (TpdSampler *self, const TpdSamplerProgress *progress,
                                gpointer data);

/**
 * TpdSamplerInput:
 * @denoiser: the network
 * @noise: where randomness comes from
 * @conditional: (nullable): the prompt; %NULL for unconditional sampling
 * @unconditional: (nullable): the empty or negative prompt
 * @dtype: type of the clip while it is sampled, f32 or f64; a network may compute in another
 * @shape: of the clip: B, F (latent frames), C, H, W
 */
typedef struct
{
  TpdDenoiser *denoiser;
  TpdNoiseSource *noise;
  const TpdConditioning *conditional;
  const TpdConditioning *unconditional;
  TpdDtype dtype;
  gint64 shape[5];
} TpdSamplerInput;

/**
 * tpd_sampler_run: (skip)
 * @progress: (nullable): called after each step
 * @cancellable: (nullable): checked before each step
 *
 * Samples a batch of clips. Sets %TPD_ERROR_INVALID_ARGUMENT for a number of frames that the stages
 * cannot have, %G_IO_ERROR_CANCELLED, and whatever happens to the context.
 *
 * Returns: (transfer full) (nullable): the clips [B, F, C, H, W], in no scope
 */
TPD_API TpdTensor *tpd_sampler_run (TpdSampler *self, TpdContext *ctx, const TpdSamplerInput *input,
                                    TpdSamplerFunc progress, gpointer data,
                                    GCancellable *cancellable, GError **error);

/**
 * tpd_sampler_estimate: (skip)
 *
 * The clean clip that the last step pointed to, for previews: call it from the progress callback
 * only. It costs no evaluation of the network.
 *
 * Returns: (transfer none): [B, F_k, C, H, W] at the frame rate of the stage under way, in the
 *   current scope
 */
TPD_API TpdTensor *tpd_sampler_estimate (TpdSampler *self, TpdContext *ctx);

G_END_DECLS
