/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-clip-latents.h"

#include "io/tpd-cover.h"
#include "ops/tpd-op.h"

/* [n, height, width, 3] in [−1, 1] */
static TpdTensor *
fit (TpdContext *ctx, const TpdClip *clip, guint n, guint height, guint width)
{
  gsize size = (gsize)height * width * 3;
  g_autofree guint8 *frame = g_malloc (size);
  g_autofree float *pixels = g_new (float, n *size);

  for (guint i = 0; i < n; i++)
    {
      guint shown = (guint)((2 * (guint64)i + 1) * clip->n_frames / (2 * (guint64)n));

      tpd_rgb_cover (tpd_clip_get_frame (clip, shown), clip->width, clip->height,
                     3 * (gsize)clip->width, width, height, frame);
      for (gsize j = 0; j < size; j++)
        pixels[i * size + j] = (float)frame[j] / 127.5f - 1;
    }
  return tpd_context_own (
      ctx, tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (n, height, width, 3), pixels));
}

TpdTensor *
tpd_clip_latents (TpdModel *model, TpdContext *ctx, const TpdClip *clip, guint n_frames)
{
  const TpdModelInfo *info = tpd_model_get_info (model);
  TpdAutoencoderKl *vae = tpd_model_get_vae (model);
  gint64 factor = tpd_autoencoder_kl_get_factor (vae);
  TpdTensor *images = fit (ctx, clip, n_frames, info->height, info->width);

  return tpd_reshape (ctx, tpd_autoencoder_kl_encode_images (vae, ctx, images),
                      TPD_SHAPE (1, n_frames, tpd_autoencoder_kl_get_latent_channels (vae),
                                 info->height / factor, info->width / factor));
}
