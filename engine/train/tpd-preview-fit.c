/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-preview-fit.h"

#include <math.h>

#include "../core/tpd-random.h"
#include "../io/tpd-component-file.h"
#include "../vae/tpd-autoencoder-kl.h"

/* Latents have unit variance: a penalty of a hundredth of it. */
#define LAMBDA 0.01
/* Which frame of a clip is looked at. */
#define SEED 0
/* Frames that are encoded and decoded at once. */
#define BATCH 16

struct _TpdPreviewFit
{
  gint64 channels, factor;
  gint64 n_inputs;  /* 9 · C + 1 */
  gint64 n_outputs; /* 3 · factor² */

  /* owned sums over the latent pixels, row-major */
  double *inputs;   /* u uᵀ [n_inputs, n_inputs] */
  double *products; /* u vᵀ [n_inputs, n_outputs] */
  double squares;   /* |v|² */
  gint64 n;
};

TpdPreviewFit *
tpd_preview_fit_new (gint64 channels, gint64 factor)
{
  TpdPreviewFit *self = g_new0 (TpdPreviewFit, 1);

  self->channels = channels;
  self->factor = factor;
  self->n_inputs = 9 * channels + 1;
  self->n_outputs = 3 * factor * factor;
  self->inputs = g_new0 (double, self->n_inputs * self->n_inputs);
  self->products = g_new0 (double, self->n_inputs * self->n_outputs);
  return self;
}

void
tpd_preview_fit_free (TpdPreviewFit *self)
{
  g_free (self->inputs);
  g_free (self->products);
  g_free (self);
}

/* ── sums ── */

/* What the projection sees around a latent pixel, in the order of its weights, and a 1. */
static void
read_inputs (const TpdPreviewFit *self, const float *latents, gint64 height, gint64 width, gint64 y,
             gint64 x, double *u)
{
  for (gint64 c = 0; c < self->channels; c++)
    for (gint64 i = y - 1; i <= y + 1; i++)
      for (gint64 j = x - 1; j <= x + 1; j++)
        *u++ = i >= 0 && i < height && j >= 0 && j < width
                   ? (double)latents[(c * height + i) * width + j]
                   : 0;
  *u = 1;
}

/* The pixels that a latent pixel stands for, in the order of the projection's outputs. */
static void
read_outputs (const TpdPreviewFit *self, const float *image, gint64 width, gint64 y, gint64 x,
              double *v)
{
  const gint64 f = self->factor;

  for (gint64 c = 0; c < 3; c++)
    for (gint64 i = y * f; i < (y + 1) * f; i++)
      for (gint64 j = x * f; j < (x + 1) * f; j++)
        *v++ = (double)image[(i * width * f + j) * 3 + c];
}

static void
add_pair (TpdPreviewFit *self, const double *u, const double *v)
{
  for (gint64 i = 0; i < self->n_inputs; i++)
    {
      double *inputs = self->inputs + i * self->n_inputs;
      double *products = self->products + i * self->n_outputs;

      for (gint64 j = 0; j <= i; j++)
        inputs[j] += u[i] * u[j];
      for (gint64 j = 0; j < self->n_outputs; j++)
        products[j] += u[i] * v[j];
    }
  for (gint64 j = 0; j < self->n_outputs; j++)
    self->squares += v[j] * v[j];
  self->n++;
}

void
tpd_preview_fit_add (TpdPreviewFit *self, const float *latents, const float *image, gint64 height,
                     gint64 width)
{
  g_autofree double *u = g_new (double, self->n_inputs);
  g_autofree double *v = g_new (double, self->n_outputs);

  for (gint64 y = 0; y < height; y++)
    for (gint64 x = 0; x < width; x++)
      {
        read_inputs (self, latents, height, width, y, x, u);
        read_outputs (self, image, width, y, x, v);
        add_pair (self, u, v);
      }
}

/* ── the solution ── */

/* a = L Lᵀ in place, lower triangle, [n, n]; a is positive definite. */
static void
cholesky (double *a, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    for (gint64 j = 0; j <= i; j++)
      {
        double sum = a[i * n + j];

        for (gint64 k = 0; k < j; k++)
          sum -= a[i * n + k] * a[j * n + k];
        a[i * n + j] = i == j ? sqrt (sum) : sum / a[j * n + j];
      }
}

/* x = (L Lᵀ)⁻¹ x in place, x [n, m] */
static void
substitute (const double *l, gint64 n, double *x, gint64 m)
{
  for (gint64 i = 0; i < n; i++)
    for (gint64 j = 0; j < m; j++)
      {
        for (gint64 k = 0; k < i; k++)
          x[i * m + j] -= l[i * n + k] * x[k * m + j];
        x[i * m + j] /= l[i * n + i];
      }
  for (gint64 i = n - 1; i >= 0; i--)
    for (gint64 j = 0; j < m; j++)
      {
        for (gint64 k = i + 1; k < n; k++)
          x[i * m + j] -= l[k * n + i] * x[k * m + j];
        x[i * m + j] /= l[i * n + i];
      }
}

/* Σ |v − W u|² = Σ |v|² − Σ W · (u vᵀ) − n λ |W|², as W solves the normal equations. */
static double
measure_psnr (const TpdPreviewFit *self, const double *w, double lambda)
{
  double error = self->squares;

  for (gint64 i = 0; i < self->n_inputs; i++)
    for (gint64 j = 0; j < self->n_outputs; j++)
      {
        double value = w[i * self->n_outputs + j];

        error -= value * self->products[i * self->n_outputs + j];
        if (i + 1 < self->n_inputs)
          error -= (double)self->n * lambda * value * value;
      }
  return 10 * log10 (4 * (double)(self->n * self->n_outputs) / MAX (error, 1e-12));
}

typedef struct
{
  const TpdPreviewFit *fit;
  float *weight, *bias;
} Solution;

static gboolean
look_up (const char *name, TpdHostTensor *tensor, gpointer data)
{
  const Solution *solution = data;
  const TpdPreviewFit *fit = solution->fit;

  if (g_str_equal (name, "bias"))
    *tensor = (TpdHostTensor){TPD_F32, 1, {fit->n_outputs}, solution->bias};
  else
    *tensor = (TpdHostTensor){TPD_F32, 4, {fit->n_outputs, fit->channels, 3, 3}, solution->weight};
  return TRUE;
}

TpdPreviewProjection *
tpd_preview_fit_solve (TpdPreviewFit *self, TpdContext *ctx, double lambda, double *psnr,
                       GError **error)
{
  const gint64 n = self->n_inputs, m = self->n_outputs;
  g_autofree double *l = g_memdup2 (self->inputs, (gsize)(n * n) * sizeof *l);
  g_autofree double *w = g_memdup2 (self->products, (gsize)(n * m) * sizeof *w);
  g_autofree float *weight = g_new (float, (n - 1) * m);
  g_autofree float *bias = g_new (float, m);
  g_autoptr (TpdPreviewProjection) projection =
      tpd_preview_projection_new (self->channels, self->factor);
  Solution solution = {self, weight, bias};

  g_assert (self->n > 0 && lambda > 0);
  for (gint64 i = 0; i + 1 < n; i++)
    l[i * n + i] += (double)self->n * lambda;
  cholesky (l, n);
  substitute (l, n, w, m);
  for (gint64 j = 0; j < m; j++)
    {
      for (gint64 i = 0; i + 1 < n; i++)
        weight[j * (n - 1) + i] = (float)w[i * m + j];
      bias[j] = (float)w[(n - 1) * m + j];
    }
  if (psnr != NULL)
    *psnr = measure_psnr (self, w, lambda);
  return tpd_param_store_load (tpd_preview_projection_get_params (projection), ctx, look_up,
                               &solution, "The projection", error)
             ? g_steal_pointer (&projection)
             : NULL;
}

/* ── of an autoencoder ── */

static TpdAutoencoderKl *
read_vae (const char *folder, TpdContext *ctx, GError **error)
{
  g_autoptr (JsonObject) json = tpd_component_file_read_config (folder, error);
  g_autoptr (TpdAutoencoderKl) vae =
      json != NULL ? tpd_autoencoder_kl_new (json, folder, error) : NULL;

  return vae != NULL && tpd_component_file_load (TPD_COMPONENT (vae), ctx, folder, error)
             ? g_steal_pointer (&vae)
             : NULL;
}

/* One frame of each of the clips first … first + n − 1: [n, H, W, 3] */
static TpdTensor *
read_frames (TpdDataset *dataset, TpdContext *ctx, guint first, guint n, GError **error)
{
  const TpdClipSize size = tpd_dataset_get_size (dataset);
  const gsize frame = (gsize)size.height * size.width * 3;
  g_autofree guint *clips = g_new (guint, n);
  g_autofree float *rgb = g_new (float, n *size.frames *frame);
  g_autofree float *picked = g_new (float, n *frame);

  for (guint i = 0; i < n; i++)
    clips[i] = first + i;
  if (!tpd_dataset_read_clips (dataset, clips, n, rgb, NULL, error))
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      guint which = tpd_random_uniform (SEED, first + i) * size.frames;

      memcpy (picked + i * frame, rgb + (i * size.frames + which) * frame, frame * sizeof *picked);
    }
  return tpd_context_own (
      ctx,
      tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (n, size.height, size.width, 3), picked));
}

static gboolean
add_frames (TpdPreviewFit *self, TpdAutoencoderKl *vae, TpdContext *ctx, TpdTensor *frames,
            GError **error)
{
  TpdTensor *latents = tpd_autoencoder_kl_encode_images (vae, ctx, frames);
  TpdTensor *images = tpd_autoencoder_kl_decode_latents (vae, ctx, latents);
  const gint64 *shape = latents->view.shape;
  g_autofree float *inputs = g_new (float, tpd_tensor_n_elements (latents));
  g_autofree float *outputs = g_new (float, tpd_tensor_n_elements (images));

  if (!tpd_tensor_to_host (ctx, latents, inputs, error) ||
      !tpd_tensor_to_host (ctx, images, outputs, error))
    return FALSE;
  for (gint64 i = 0; i < shape[0]; i++)
    tpd_preview_fit_add (self, inputs + i * tpd_tensor_n_elements (latents) / shape[0],
                         outputs + i * tpd_tensor_n_elements (images) / shape[0], shape[2],
                         shape[3]);
  return TRUE;
}

static gboolean
add_clips (TpdPreviewFit *self, TpdAutoencoderKl *vae, TpdContext *ctx, TpdDataset *dataset,
           guint first, guint n, GError **error)
{
  TpdTensor *frames;
  gboolean done;

  tpd_context_push_scope (ctx);
  frames = read_frames (dataset, ctx, first, n, error);
  done = frames != NULL && add_frames (self, vae, ctx, frames, error);
  tpd_context_pop_scope (ctx, NULL);
  return done;
}

gboolean
tpd_preview_fit_folder (const char *folder, TpdContext *ctx, TpdDataset *dataset, guint n_frames,
                        double *psnr, GCancellable *cancellable, GError **error)
{
  g_autoptr (TpdAutoencoderKl) vae = read_vae (folder, ctx, error);
  g_autoptr (TpdPreviewFit) self = NULL;
  g_autoptr (TpdPreviewProjection) projection = NULL;
  g_autofree char *path = g_build_filename (folder, TPD_PREVIEW_PROJECTION_FILE, NULL);

  if (vae == NULL)
    return FALSE;
  self = tpd_preview_fit_new (tpd_autoencoder_kl_get_latent_channels (vae),
                              tpd_autoencoder_kl_get_factor (vae));
  for (guint first = 0; first < n_frames; first += BATCH)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
        !add_clips (self, vae, ctx, dataset, first, MIN (BATCH, n_frames - first), error))
      return FALSE;
  projection = tpd_preview_fit_solve (self, ctx, LAMBDA, psnr, error);
  return projection != NULL &&
         tpd_component_file_write_weights (tpd_preview_projection_get_params (projection), ctx,
                                           path, TPD_F32, error);
}
