/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-denoiser-samples.h"

#include "../ops/tpd-op.h"
#include "../pyramid/tpd-sampler.h"
#include "tpd-sample-sheet.h"

/* Clips of a sheet. */
#define N_CLIPS 8
/* Seed of the clips' noise. */
#define NOISE_SEED 1

/* Conditioning with the captions of the dataset's first clips, or with empty prompts. */
static gboolean
condition (TpdDenoiserParts *parts, TpdContext *ctx, gboolean captions,
           TpdConditioning *conditioning, GError **error)
{
  const TpdClipSize size = tpd_dataset_get_size (parts->dataset);
  g_autofree float *rgb = g_new (float, (gsize)size.frames *size.height *size.width * 3);
  g_autofree gint32 *tokens = g_new (gint32, N_CLIPS * parts->n_tokens);
  g_autofree gint32 *mask = g_new (gint32, N_CLIPS * parts->n_tokens);

  for (guint i = 0; i < N_CLIPS; i++)
    {
      g_autofree char *caption = NULL;

      if (captions && !tpd_dataset_read_clip (parts->dataset, i, rgb, &caption, error))
        return FALSE;
      tpd_clip_tokenizer_encode (parts->tokenizer, caption != NULL ? caption : "", parts->n_tokens,
                                 tokens + i * parts->n_tokens, mask + i * parts->n_tokens);
    }
  *conditioning = tpd_denoiser_parts_condition (parts, ctx, tokens, mask, N_CLIPS);
  return TRUE;
}

static TpdTensor *
sample (TpdDenoiserParts *parts, TpdContext *ctx, const TpdTrainConfig *config, GError **error)
{
  g_autoptr (TpdSamplerSettings) settings =
      g_object_new (TPD_TYPE_SAMPLER_SETTINGS, "steps", (guint)config->sample_steps,
                    "guidance-scale", config->sample_guidance, NULL);
  g_autoptr (TpdSampler) sampler = tpd_sampler_new (&parts->pyramid, settings, error);
  g_autoptr (TpdPhiloxNoise) noise = tpd_philox_noise_new (NOISE_SEED);
  TpdConditioning prompts, nothing;
  TpdSamplerInput input = {
      .denoiser = TPD_DENOISER (parts->denoiser),
      .noise = TPD_NOISE_SOURCE (noise),
      .conditional = &prompts,
      .unconditional = &nothing,
      .dtype = TPD_F32,
      .shape = {N_CLIPS},
  };

  if (sampler == NULL || !condition (parts, ctx, TRUE, &prompts, error) ||
      !condition (parts, ctx, FALSE, &nothing, error))
    return NULL;
  tpd_latent_cache_get_shape (parts->cache, input.shape + 1);
  return tpd_sampler_run (sampler, ctx, &input, NULL, NULL, NULL, error);
}

gboolean
tpd_denoiser_samples_write (TpdDenoiserParts *parts, const char *path, TpdContext *ctx,
                            const TpdTrainConfig *config, GError **error)
{
  TpdTensor *latents;
  gboolean done = FALSE;

  tpd_context_push_scope (ctx);
  latents = sample (parts, ctx, config, error);
  if (latents != NULL)
    {
      const gint64 *shape = tpd_context_own (ctx, latents)->view.shape;
      TpdTensor *frames =
          tpd_reshape (ctx, latents, TPD_SHAPE (shape[0] * shape[1], shape[2], shape[3], shape[4]));

      done = tpd_sample_sheet_write (
          path, ctx, tpd_autoencoder_kl_decode_latents (parts->vae, ctx, frames), shape[1], error);
    }
  tpd_context_pop_scope (ctx, NULL);
  return done;
}
