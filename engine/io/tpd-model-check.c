/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-model-check.h"

#include "../models/tpd-mini-flux-config.h"
#include "../models/tpd-mini-flux.h"
#include "../pyramid/tpd-schedule.h"
#include "../text/tpd-clip-text.h"
#include "../vae/tpd-autoencoder-kl.h"

/* Side of the patches that miniFLUX makes its tokens of. */
#define PATCH 2

G_GNUC_PRINTF (4, 5)
static gboolean
mismatch (const TpdModelInfo *info, const char *file, GError **error, const char *format, ...)
{
  g_autofree char *where = g_build_filename (info->path, file, NULL);
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, TPD_ERROR, TPD_ERROR_MISMATCH, "%s: %s", where, what);
  return FALSE;
}

static gboolean
check_mini_flux (const TpdModelInfo *info, const char *folder, TpdComponent *denoiser,
                 TpdClipText *text, TpdAutoencoderKl *vae, GError **error)
{
  g_autofree char *file = g_build_filename (folder, "config.json", NULL);
  gint64 hidden = tpd_clip_text_get_hidden_size (text);
  gint64 channels = tpd_autoencoder_kl_get_latent_channels (vae);
  TpdMiniFluxConfig config;

  if (!tpd_mini_flux_config_parse (&config, tpd_component_get_config (denoiser), file, error))
    return FALSE;
  if (config.in_channels != PATCH * PATCH * channels)
    return mismatch (info, file, error,
                     "\"in_channels\" is %" G_GINT64_FORMAT
                     ", but patches of 2×2 of the vae's %" G_GINT64_FORMAT
                     " latent channels give %" G_GINT64_FORMAT,
                     config.in_channels, channels, PATCH * PATCH * channels);
  if (config.joint_attention_dim != hidden)
    return mismatch (info, file, error,
                     "\"joint_attention_dim\" is %" G_GINT64_FORMAT
                     ", but the text encoder gives %" G_GINT64_FORMAT,
                     config.joint_attention_dim, hidden);
  if (config.pooled_projection_dim != hidden)
    return mismatch (info, file, error,
                     "\"pooled_projection_dim\" is %" G_GINT64_FORMAT
                     ", but the text encoder gives %" G_GINT64_FORMAT,
                     config.pooled_projection_dim, hidden);
  return TRUE;
}

static gboolean
check_frames (const TpdModelInfo *info, const TpdDenoiserInfo *denoiser, GError **error)
{
  g_autoptr (TpdSchedule) schedule = tpd_schedule_new (&denoiser->pyramid, error);

  if (schedule != NULL && tpd_schedule_check_frames (schedule, info->n_frames, error))
    return TRUE;
  g_prefix_error (error, "%s/" TPD_MODEL_FILE ": \"frames\" does not suit %s: ", info->path,
                  denoiser->folder);
  return FALSE;
}

static gboolean
check_size (const TpdModelInfo *info, TpdAutoencoderKl *vae, GError **error)
{
  guint unit = (guint)tpd_autoencoder_kl_get_factor (vae) * PATCH;

  if (info->width % unit == 0 && info->height % unit == 0)
    return TRUE;
  return mismatch (info, TPD_MODEL_FILE, error,
                   "frames are %u × %u pixels, but both sides should be multiples of %u",
                   info->width, info->height, unit);
}

static gboolean
check_denoiser (const TpdModelInfo *info, const TpdDenoiserInfo *denoiser, guint n_ids,
                GHashTable *components, GError **error)
{
  TpdComponent *component = g_hash_table_lookup (components, denoiser->folder);
  TpdClipText *text = g_hash_table_lookup (components, denoiser->text_encoder);
  g_autofree char *file = g_build_filename (denoiser->text_encoder, "config.json", NULL);

  if (n_ids > tpd_clip_text_get_vocab_size (text))
    return mismatch (info, file, error,
                     "\"vocab_size\" is %" G_GINT64_FORMAT ", but the tokenizer has %u ids",
                     tpd_clip_text_get_vocab_size (text), n_ids);
  if (!check_frames (info, denoiser, error))
    return FALSE;
  return !TPD_IS_MINI_FLUX (component) ||
         check_mini_flux (info, denoiser->folder, component, text,
                          g_hash_table_lookup (components, "vae"), error);
}

gboolean
tpd_model_check (const TpdModelInfo *info, TpdClipTokenizer *tokenizer, GHashTable *components,
                 GError **error)
{
  guint n_ids = tpd_clip_tokenizer_get_vocab_size (tokenizer);

  if (!check_size (info, g_hash_table_lookup (components, "vae"), error))
    return FALSE;
  for (guint i = 0; i < info->n_denoisers; i++)
    if (!check_denoiser (info, &info->denoisers[i], n_ids, components, error))
      return FALSE;
  return TRUE;
}
