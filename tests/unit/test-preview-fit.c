/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/tpd-preview-fit.h"

#include <glib/gstdio.h>
#include <math.h>

#include "core/tpd-random.h"
#include "train/tpd-shapes.h"

#define CHANNELS 3
#define FACTOR   2
#define HEIGHT   7
#define WIDTH    5
#define N_INPUTS (CHANNELS * 9)
#define N_BLOCK  (3 * FACTOR * FACTOR)
#define N_IMAGES 12

/* The sums are f64; the projection and its results are f32 of size about 1. */
#define TOLERANCE 1e-4

static TpdContext *
make_context (void)
{
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", NULL);
  TpdContext *ctx = tpd_context_new (device, NULL);

  g_assert_nonnull (ctx);
  return ctx;
}

/* Normal numbers. */
static float *
make_numbers (guint64 seed, gsize n)
{
  float *numbers = g_new (float, n + 3);

  for (gsize i = 0; i < n; i += 4)
    tpd_random_normal4 (seed, i / 4, numbers + i);
  return numbers;
}

/* What a projection of these weights should make of latents [C, h, w], written out. */
static float *
project (const float *weight, const float *bias, const float *latents)
{
  float *image = g_new (float, HEIGHT *WIDTH *N_BLOCK);

  for (int y = 0; y < HEIGHT * FACTOR; y++)
    for (int x = 0; x < WIDTH * FACTOR; x++)
      for (int c = 0; c < 3; c++)
        {
          int out = (c * FACTOR + y % FACTOR) * FACTOR + x % FACTOR;
          double sum = (double)bias[out];

          for (int k = 0; k < N_INPUTS; k++)
            {
              int row = y / FACTOR + k / 3 % 3 - 1, column = x / FACTOR + k % 3 - 1;

              if (row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH)
                sum += (double)weight[out * N_INPUTS + k] *
                       (double)latents[(k / 9 * HEIGHT + row) * WIDTH + column];
            }
          image[(y * WIDTH * FACTOR + x) * 3 + c] = (float)sum;
        }
  return image;
}

static void
assert_decodes (TpdPreviewProjection *projection, TpdContext *ctx, const float *latents,
                const float *image)
{
  float pixels[HEIGHT * WIDTH * N_BLOCK];
  TpdTensor *decoded;

  tpd_context_push_scope (ctx);
  decoded = tpd_preview_projection_decode (
      projection, ctx,
      tpd_context_own (ctx, tpd_tensor_new_from_host (
                                ctx, TPD_F32, TPD_SHAPE (1, CHANNELS, HEIGHT, WIDTH), latents)));
  g_assert_true (tpd_tensor_to_host (ctx, decoded, pixels, NULL));
  g_assert_cmpint (decoded->view.shape[1], ==, HEIGHT * FACTOR);
  g_assert_cmpint (decoded->view.shape[2], ==, WIDTH * FACTOR);
  tpd_context_pop_scope (ctx, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (pixels); i++)
    g_assert_cmpfloat_with_epsilon ((double)pixels[i], (double)image[i], TOLERANCE);
}

/* Where images are linear in the latents, the fit finds the map, and says that nothing is left. */
static void
test_exact (void)
{
  g_autoptr (TpdContext) ctx = make_context ();
  g_autoptr (TpdPreviewFit) fit = tpd_preview_fit_new (CHANNELS, FACTOR);
  g_autoptr (TpdPreviewProjection) projection = NULL;
  g_autofree float *weight = make_numbers (1, N_BLOCK * N_INPUTS);
  g_autofree float *bias = make_numbers (2, N_BLOCK);
  g_autofree float *latents = NULL;
  g_autofree float *image = NULL;
  g_autoptr (GError) error = NULL;
  double psnr;

  for (guint i = 0; i < N_IMAGES; i++)
    {
      g_free (latents);
      g_free (image);
      latents = make_numbers (3 + i, CHANNELS * HEIGHT * WIDTH);
      image = project (weight, bias, latents);
      tpd_preview_fit_add (fit, latents, image, HEIGHT, WIDTH);
    }
  projection = tpd_preview_fit_solve (fit, ctx, 1e-12, &psnr, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (psnr, >, 80);
  assert_decodes (projection, ctx, latents, image);
}

/* A channel that hardly varies says nothing, and is not blown up. */
static void
test_penalty (void)
{
  g_autoptr (TpdContext) ctx = make_context ();
  g_autoptr (TpdPreviewFit) fit = tpd_preview_fit_new (1, 1);
  g_autoptr (TpdPreviewProjection) projection = NULL;
  float weight[3 * 9];
  TpdHostTensor header;

  for (guint i = 0; i < 100; i++)
    {
      float latent = i % 2 == 0 ? 1e-3f : -1e-3f;
      float grey = 1000 * latent;

      tpd_preview_fit_add (fit, &latent, (float[]){grey, grey, grey}, 1, 1);
    }
  projection = tpd_preview_fit_solve (fit, ctx, 0.01, NULL, NULL);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (tpd_param_store_save_param (tpd_preview_projection_get_params (projection),
                                                 ctx, i, &header, weight, NULL));
      for (int j = 0; j < (header.n_dims == 4 ? 27 : 3); j++)
        g_assert_cmpfloat (fabs ((double)weight[j]), <, 1);
    }
}

/* ── of an autoencoder ── */

/* The same arguments, the same bytes. */
static void
test_folder (void)
{
  const char *model = g_getenv ("TPDIFF_TEST_MODEL");
  g_autofree char *copy = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_autoptr (TpdContext) ctx = make_context ();
  g_autoptr (TpdShapes) shapes =
      tpd_shapes_new (TPD_WORLD_FULL, (TpdClipSize){4, 16, 16}, 1, TPD_SHAPES_TRAIN);
  g_autoptr (GError) error = NULL;
  char *bytes[2];
  gsize length[2];
  double psnr = 0;
  g_autofree char *file = g_build_filename (copy, TPD_PREVIEW_PROJECTION_FILE, NULL);

  for (const char *const *name =
           (const char *const[]){"config.json", "diffusion_pytorch_model.safetensors", NULL};
       *name != NULL; name++)
    {
      g_autoptr (GFile) from = g_file_new_build_filename (model, "vae", *name, NULL);
      g_autoptr (GFile) to = g_file_new_build_filename (copy, *name, NULL);

      g_file_copy (from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
    }
  for (guint i = 0; i < 2; i++)
    {
      tpd_preview_fit_folder (copy, ctx, TPD_DATASET (shapes), 20, &psnr, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (file, &bytes[i], &length[i], NULL));
    }
  g_assert_cmpmem (bytes[0], length[0], bytes[1], length[1]);
  g_assert_true (isfinite (psnr));
  g_free (bytes[0]);
  g_free (bytes[1]);
  for (const char *const *name =
           (const char *const[]){"config.json", "diffusion_pytorch_model.safetensors",
                                 TPD_PREVIEW_PROJECTION_FILE, NULL};
       *name != NULL; name++)
    {
      g_autofree char *path = g_build_filename (copy, *name, NULL);

      g_remove (path);
    }
  g_rmdir (copy);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preview-fit/exact", test_exact);
  g_test_add_func ("/preview-fit/penalty", test_penalty);
  g_test_add_func ("/preview-fit/folder", test_folder);
  return g_test_run ();
}
