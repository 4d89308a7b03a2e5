/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-vae-trainer.h"

#include <math.h>
#include <string.h>

#include "../core/tpd-random.h"
#include "../io/tpd-component-file.h"
#include "../ops/tpd-op.h"
#include "../vae/tpd-autoencoder-kl.h"
#include "tpd-clip-order.h"
#include "tpd-preview-fit.h"
#include "tpd-sample-sheet.h"
#include "tpd-shapes.h"
#include "tpd-train-setup.h"

/* Parts of a frame that are looked at to find one worth learning from. */
#define CROP_CANDIDATES 4
/* Frames that the latents' mean and deviation are measured on, and the projection is fitted to. On
 * shapes-64 this many miss the deviation by 0.5 % and the mean by 1 % of it (one sigma): a network
 * that is told to expect unit variance notices neither. */
#define N_MEASURED 256
/* Frames of a sample sheet. */
#define N_SHEET 8

/* Streams of random numbers, see tpd_random_fork(). */
enum
{
  STREAM_ORDER,
  STREAM_FRAMES,
  STREAM_POSTERIOR,
  STREAM_CROPS,
  STREAM_NOISE,
  STREAM_NOISE_DEVIATION,
};

struct _TpdVaeTrainer
{
  TpdTrainer parent_instance;

  /* owned */
  TpdDataset *dataset;
  TpdAutoencoderKl *vae;
};

G_DEFINE_FINAL_TYPE (TpdVaeTrainer, tpd_vae_trainer, TPD_TYPE_TRAINER)

static gboolean
check_crop (TpdAutoencoderKl *vae, const TpdTrainConfig *config, GError **error)
{
  const gint64 factor = tpd_autoencoder_kl_get_factor (vae);

  if (config->crop % factor == 0 && config->crop <= config->size)
    return TRUE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
               "crop should be a multiple of %d of at most %d pixels, but is %d", (int)factor,
               (int)config->size, (int)config->crop);
  return FALSE;
}

static gboolean
decoder_only (const TpdTrainConfig *config)
{
  return g_str_equal (config->part, "decoder");
}

static gboolean
check_part (const TpdTrainConfig *config, GError **error)
{
  if (decoder_only (config) ? config->init_from != NULL : config->latent_noise == 0)
    return TRUE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
               decoder_only (config) ? "part decoder needs init-from, a model with the encoder"
                                     : "latent-noise %g needs part decoder",
               config->latent_noise);
  return FALSE;
}

/* A new autoencoder, or that of the model to go on with. */
static TpdAutoencoderKl *
make_vae (const TpdTrainConfig *config, TpdContext *ctx, GError **error)
{
  g_autofree char *dir =
      config->init_from != NULL ? g_build_filename (config->init_from, "vae", NULL) : NULL;
  g_autoptr (JsonObject) json = dir != NULL
                                    ? tpd_component_file_read_config (dir, error)
                                    : tpd_train_setup_component_config (config, "vae", error);
  g_autoptr (TpdAutoencoderKl) vae = NULL;
  TpdParamStore *params;

  if (json == NULL)
    return NULL;
  vae = tpd_autoencoder_kl_new (json, dir != NULL ? dir : config->config, error);
  if (vae == NULL)
    return NULL;
  params = tpd_component_get_params (TPD_COMPONENT (vae));
  if (dir != NULL ? !tpd_component_file_load (TPD_COMPONENT (vae), ctx, dir, error)
                  : !tpd_param_store_initialize (params, ctx, config->seed, error))
    return NULL;
  return g_steal_pointer (&vae);
}

TpdTrainer *
tpd_vae_trainer_new (TpdTrainConfig *config, TpdContext *ctx, GError **error)
{
  g_autoptr (TpdTrainConfig) settings = config;
  g_autoptr (TpdVaeTrainer) self = g_object_new (TPD_TYPE_VAE_TRAINER, NULL);
  TpdOptimizerGroup group;
  TpdParamStore *params;

  if (!check_part (settings, error))
    return NULL;
  self->dataset = tpd_train_setup_dataset (settings, error);
  if (self->dataset == NULL)
    return NULL;
  self->vae = make_vae (settings, ctx, error);
  if (self->vae == NULL || !check_crop (self->vae, settings, error))
    return NULL;
  params = tpd_component_get_params (TPD_COMPONENT (self->vae));
  if (decoder_only (settings))
    {
      tpd_param_store_freeze (params, "encoder.");
      tpd_param_store_freeze (params, "quant_conv.");
    }
  group = (TpdOptimizerGroup){.params = params, .rate = 1};
  if (!tpd_trainer_setup (TPD_TRAINER (self), g_steal_pointer (&settings), ctx, &group, 1, error))
    return NULL;
  return TPD_TRAINER (g_steal_pointer (&self));
}

/* ── frames ── */

/* Sum of squared deviations from the mean: how much there is to see in a part of a frame. */
static double
contrast (const float *rgb, gsize row, guint x, guint y, guint side)
{
  double sum[3] = {0}, squares = 0, n = (double)side * side;

  for (guint i = 0; i < side; i++)
    for (guint j = 0; j < 3 * side; j++)
      {
        double v = rgb[(y + i) * row + 3 * x + j];

        sum[j % 3] += v;
        squares += v * v;
      }
  return squares - (sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]) / n;
}

/* Copies a square part of a frame: of a few random ones that with most to see, for plain
 * backgrounds teach little. */
static void
crop_frame (const float *rgb, TpdClipSize size, guint side, guint64 stream, guint64 index,
            float *part)
{
  const gsize row = (gsize)size.width * 3;
  double best = -1;
  guint x = 0, y = 0;

  for (guint i = 0; i < CROP_CANDIDATES; i++)
    {
      guint64 draw = 2 * (index * CROP_CANDIDATES + i);
      guint at_x = tpd_random_uniform (stream, draw) * (size.width - side + 1);
      guint at_y = tpd_random_uniform (stream, draw + 1) * (size.height - side + 1);
      double value = contrast (rgb, row, at_x, at_y, side);

      if (value > best)
        {
          best = value;
          x = at_x;
          y = at_y;
        }
    }
  for (guint i = 0; i < side; i++)
    memcpy (part + (gsize)i * side * 3, rgb + (y + i) * row + 3 * x, 3 * side * sizeof *part);
}

/* Frames number first … first + n − 1 of the training, each of another clip, in random order:
 * [n, side, side, 3]. */
static TpdTensor *
read_frames (TpdVaeTrainer *self, guint64 first, guint n, guint side, GError **error)
{
  const TpdTrainConfig *config = tpd_trainer_get_config (TPD_TRAINER (self));
  TpdContext *ctx = tpd_trainer_get_context (TPD_TRAINER (self));
  const TpdClipSize size = tpd_dataset_get_size (self->dataset);
  const gsize frame = (gsize)size.height * size.width * 3;
  const guint64 order = tpd_random_fork (config->seed, STREAM_ORDER);
  const guint64 frames = tpd_random_fork (config->seed, STREAM_FRAMES);
  const guint64 crops = tpd_random_fork (config->seed, STREAM_CROPS);
  g_autofree guint *clips = g_new (guint, n);
  g_autofree float *rgb = g_new (float, n *size.frames *frame);
  g_autofree float *picked = g_new (float, (gsize)n *side *side * 3);

  for (guint i = 0; i < n; i++)
    clips[i] = tpd_clip_order (order, config->clips, first + i);
  if (!tpd_dataset_read_clips (self->dataset, clips, n, rgb, NULL, error))
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      guint which = tpd_random_uniform (frames, first + i) * size.frames;

      crop_frame (rgb + ((gsize)i * size.frames + which) * frame, size, side, crops, first + i,
                  picked + (gsize)i * side * side * 3);
    }
  return tpd_context_own (
      ctx, tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (n, side, side, 3), picked));
}

/* ── the loss ── */

/* Mean square error of the differences between neighbours along one dimension. */
static TpdTensor *
edge_error (TpdContext *ctx, TpdTensor *y, TpdTensor *x, int dim)
{
  const gint64 n = x->view.shape[dim];
  TpdTensor *dx = tpd_lincomb (ctx, 1, tpd_slice (ctx, x, dim, 1, n, 1), -1,
                               tpd_slice (ctx, x, dim, 0, n - 1, 1));
  TpdTensor *dy = tpd_lincomb (ctx, 1, tpd_slice (ctx, y, dim, 1, n, 1), -1,
                               tpd_slice (ctx, y, dim, 0, n - 1, 1));

  return tpd_mse (ctx, dy, dx);
}

/* The encoder's latents as the decoder takes them, disturbed; no gradient. */
static TpdTensor *
disturbed_latents (TpdVaeTrainer *self, TpdTensor *x, guint64 first)
{
  const TpdTrainConfig *config = tpd_trainer_get_config (TPD_TRAINER (self));
  TpdContext *ctx = tpd_trainer_get_context (TPD_TRAINER (self));
  TpdTensor *latents = tpd_autoencoder_kl_encode_images (self->vae, ctx, x);
  const TpdView *view = &latents->view;
  const gint64 n = view->shape[0];
  TpdTensor *noise = tpd_randn (ctx, view->dtype, view->n_dims, view->shape,
                                tpd_random_fork (config->seed, STREAM_NOISE),
                                first * tpd_tensor_n_elements (latents) / n);
  const guint64 deviations = tpd_random_fork (config->seed, STREAM_NOISE_DEVIATION);
  TpdTape *tape = tpd_context_get_tape (ctx);

  tpd_context_set_tape (ctx, NULL);
  for (gint64 i = 0; i < n; i++)
    {
      double deviation = config->latent_noise * tpd_random_uniform (deviations, first + i);
      TpdTensor *frame = tpd_slice (ctx, latents, 0, i, i + 1, 1);

      tpd_copy_into (
          ctx, frame,
          tpd_lincomb (ctx, 1, frame, deviation, tpd_slice (ctx, noise, 0, i, i + 1, 1)));
    }
  latents = tpd_autoencoder_kl_unscale (self->vae, ctx, latents);
  tpd_context_set_tape (ctx, tape);
  return latents;
}

static TpdTensor *
tpd_vae_trainer_compute_loss (TpdTrainer *trainer, gint64 step, guint pass, guint *stage,
                              GError **error)
{
  TpdVaeTrainer *self = TPD_VAE_TRAINER (trainer);
  TpdContext *ctx = tpd_trainer_get_context (trainer);
  const TpdTrainConfig *config = tpd_trainer_get_config (trainer);
  const guint64 n_before = ((guint64)(step - 1) * config->accumulate + pass) * config->batch;
  const guint side = config->crop > 0 ? config->crop : config->size;
  TpdTensor *x = read_frames (self, n_before, config->batch, side, error);
  TpdTensor *mean, *logvar, *z, *y, *loss, *divergence = NULL;

  if (x == NULL)
    return NULL;
  if (decoder_only (config))
    z = disturbed_latents (self, x, n_before);
  else
    {
      tpd_autoencoder_kl_encode (self->vae, ctx, x, &mean, &logvar);
      divergence = tpd_autoencoder_kl_divergence (ctx, mean, logvar);
      z = tpd_autoencoder_kl_sample (ctx, mean, logvar,
                                     tpd_random_fork (config->seed, STREAM_POSTERIOR),
                                     n_before * tpd_tensor_n_elements (mean) / config->batch);
    }
  y = tpd_autoencoder_kl_decode (self->vae, ctx, z);
  loss = tpd_mse (ctx, y, x);
  if (divergence != NULL)
    loss = tpd_lincomb (ctx, 1, loss, config->kl_weight, divergence);
  if (config->edge_weight > 0)
    loss = tpd_lincomb (ctx, 1, loss, config->edge_weight,
                        tpd_add (ctx, edge_error (ctx, y, x, 1), edge_error (ctx, y, x, 2)));
  return loss;
}

/* ── results ── */

/* Above: frames; below: what becomes of them. */
static gboolean
tpd_vae_trainer_write_samples (TpdTrainer *trainer, const char *path, GError **error)
{
  TpdVaeTrainer *self = TPD_VAE_TRAINER (trainer);
  TpdContext *ctx = tpd_trainer_get_context (trainer);
  TpdTensor *x, *mean, *logvar;
  gboolean done = FALSE;

  tpd_context_push_scope (ctx);
  x = read_frames (self, 0, N_SHEET, tpd_dataset_get_size (self->dataset).height, error);
  if (x != NULL)
    {
      TpdTensor *rows[2] = {x};

      tpd_autoencoder_kl_encode (self->vae, ctx, x, &mean, &logvar);
      rows[1] = tpd_autoencoder_kl_decode (self->vae, ctx, mean);
      done = tpd_sample_sheet_write (path, ctx, tpd_concat (ctx, rows, 2, 0), N_SHEET, error);
    }
  tpd_context_pop_scope (ctx, NULL);
  return done;
}

/* Mean and standard deviation of all latents of N_MEASURED frames. */
static gboolean
measure (TpdVaeTrainer *self, double *shift, double *deviation, GError **error)
{
  TpdContext *ctx = tpd_trainer_get_context (TPD_TRAINER (self));
  const guint batch = tpd_trainer_get_config (TPD_TRAINER (self))->batch;
  double sum = 0, squares = 0, n = 0;

  for (guint first = 0; first < N_MEASURED; first += batch)
    {
      TpdTensor *mean, *logvar, *x;
      g_autofree float *values = NULL;
      gboolean done = FALSE;

      tpd_context_push_scope (ctx);
      x = read_frames (self, first, batch, tpd_dataset_get_size (self->dataset).height, error);
      if (x != NULL)
        {
          tpd_autoencoder_kl_encode (self->vae, ctx, x, &mean, &logvar);
          values = g_new (float, tpd_tensor_n_elements (mean));
          done = tpd_tensor_to_host (ctx, mean, values, error);
        }
      for (gint64 i = 0; done && i < tpd_tensor_n_elements (mean); i++, n++)
        {
          sum += values[i];
          squares += (double)values[i] * values[i];
        }
      tpd_context_pop_scope (ctx, NULL);
      if (!done)
        return FALSE;
    }
  *shift = sum / n;
  *deviation = sqrt (MAX (squares / n - *shift * *shift, 1e-12));
  return TRUE;
}

/* With the projection that decodes previews. The vocabulary of the captions goes beside the
 * autoencoder: together they are what a denoiser's training needs. */
static gboolean
tpd_vae_trainer_write_model (TpdTrainer *trainer, GError **error)
{
  TpdVaeTrainer *self = TPD_VAE_TRAINER (trainer);
  const TpdTrainConfig *config = tpd_trainer_get_config (trainer);
  JsonObject *json = tpd_component_get_config (TPD_COMPONENT (self->vae));
  g_autofree char *dir = g_build_filename (config->out, "vae", NULL);
  g_autofree char *tokenizer = g_build_filename (config->out, "tokenizer", NULL);
  double shift, deviation;

  if (!decoder_only (config))
    {
      if (!measure (self, &shift, &deviation, error))
        return FALSE;
      json_object_set_double_member (json, "shift_factor", shift);
      json_object_set_double_member (json, "scaling_factor", config->latent_std / deviation);
    }
  return tpd_component_file_write (TPD_COMPONENT (self->vae), tpd_trainer_get_context (trainer),
                                   dir, tpd_train_setup_dtype (config), error) &&
         tpd_preview_fit_folder (dir, tpd_trainer_get_context (trainer), self->dataset,
                                 MIN (N_MEASURED, config->clips), NULL, NULL, error) &&
         tpd_shapes_write_vocabulary (tokenizer, error);
}

static void
tpd_vae_trainer_finalize (GObject *object)
{
  TpdVaeTrainer *self = TPD_VAE_TRAINER (object);

  g_clear_object (&self->dataset);
  g_clear_object (&self->vae);
  G_OBJECT_CLASS (tpd_vae_trainer_parent_class)->finalize (object);
}

static void
tpd_vae_trainer_class_init (TpdVaeTrainerClass *klass)
{
  TpdTrainerClass *trainer_class = TPD_TRAINER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tpd_vae_trainer_finalize;
  trainer_class->compute_loss = tpd_vae_trainer_compute_loss;
  trainer_class->write_samples = tpd_vae_trainer_write_samples;
  trainer_class->write_model = tpd_vae_trainer_write_model;
}

static void
tpd_vae_trainer_init (TpdVaeTrainer *self)
{
}
