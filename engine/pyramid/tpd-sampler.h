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

/**
 * tpd_sampler_start_midway: (skip)
 * @strength: in (0, 1]; 1 is from pure noise, as without this call
 *
 * Lets it start from a clip with noise of an intermediate time (tpd-midway.h): stages above that
 * are left out, and the one it lies in has fewer steps. Call it once at most, before running.
 */
TPD_API void tpd_sampler_start_midway (TpdSampler *self, double strength);

/** tpd_sampler_get_schedule: Returns: (transfer none): the stages it runs */
TPD_API TpdSchedule *tpd_sampler_get_schedule (TpdSampler *self);
/** tpd_sampler_get_first_stage: Returns: the stage it starts in: K, or less midway */
TPD_API guint tpd_sampler_get_first_stage (TpdSampler *self);
/** tpd_sampler_get_stage_steps: Returns: the steps of stage @k; 0 if it is left out */
TPD_API guint tpd_sampler_get_stage_steps (TpdSampler *self, guint k);
/** tpd_sampler_get_step_time: Returns: when step @i of stage @k begins; its end for the last one's
 * successor */
TPD_API double tpd_sampler_get_step_time (TpdSampler *self, guint k, guint i);
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
 * @clip: (nullable): what to start from midway: clips [B or 1, F, C, H, W]; not read otherwise
 * @first_frame: (nullable): what frame 0 shall be held at: [B or 1, 1, C, H, W]
 * @dtype: type of the clip while it is sampled, f32 or f64; a network may compute in another
 * @shape: of the clip: B, F (latent frames), C, H, W
 */
typedef struct
{
  TpdDenoiser *denoiser;
  TpdNoiseSource *noise;
  const TpdConditioning *conditional;
  const TpdConditioning *unconditional;
  TpdTensor *clip;
  TpdTensor *first_frame;
  TpdDtype dtype;
  gint64 shape[5];
} TpdSamplerInput;

/**
 * tpd_sampler_run: (skip)
 * @progress: (nullable): called after each step
 * @cancellable: (nullable): checked before each step
 *
 * Samples a batch of clips. Sets %TPD_ERROR_INVALID_ARGUMENT for a number of frames that the stages
 * cannot have, %TPD_ERROR_UNSUPPORTED for a first frame that cannot be held, %G_IO_ERROR_CANCELLED,
 * and whatever happens to the context.
 *
 * Holding a given first frame f needs no training: frame 0 goes straight from where each stage
 * finds it to f (dy_0/dρ = (y_0 − f)/ρ, which every solver follows exactly), and the network, which
 * sees it on its way, fits the others to it. That is replacement (Ho et al., "Video diffusion
 * models", 2022, section 3.1): frame 0 is exact, the others are not quite as if the network had
 * been trained for it. f must be frame 0 of every stage, which averaging pairs does not keep.
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
