/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vae/tpd-autoencoder-kl.h"

/* Numbers are compared with diffusers in tests/golden/test-vae.c; here: configs, shapes, sampling.
 */

#define DOWN  "\"down_block_types\": [\"DownEncoderBlock2D\", \"DownEncoderBlock2D\"]"
#define UP    "\"up_block_types\": [\"UpDecoderBlock2D\", \"UpDecoderBlock2D\"]"
#define SMALL "\"block_out_channels\": [4, 8], \"norm_num_groups\": 2"

static TpdAutoencoderKl *
parse (const char *text, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  return tpd_autoencoder_kl_new (json_node_get_object (node), "config.json", error);
}

static TpdContext *
make_context (void)
{
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", NULL);
  TpdContext *ctx = tpd_context_new (device, NULL);

  g_assert_nonnull (ctx);
  return ctx;
}

static TpdAutoencoderKl *
make_small (TpdContext *ctx)
{
  g_autoptr (GError) error = NULL;
  TpdAutoencoderKl *vae = parse ("{" SMALL ", " DOWN ", " UP "}", &error);

  g_assert_no_error (error);
  tpd_param_store_initialize (tpd_component_get_params (TPD_COMPONENT (vae)), ctx, 1, &error);
  g_assert_no_error (error);
  return vae;
}

/* diffusers' defaults: one block, so that latents are as large as images */
static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdAutoencoderKl) vae = parse ("{\"shift_factor\": null}", &error);

  g_assert_no_error (error);
  g_assert_cmpint (tpd_autoencoder_kl_get_latent_channels (vae), ==, 4);
  g_assert_cmpint (tpd_autoencoder_kl_get_factor (vae), ==, 1);
}

static void
check_refused (const char *config, TpdError code, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdAutoencoderKl) vae = parse (config, &error);

  g_assert_null (vae);
  g_assert_error (error, TPD_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, "config.json"));
  g_assert_nonnull (strstr (error->message, key));
}

static void
test_bad_configs (void)
{
  check_refused ("{\"norm_num_groups\": 3}", TPD_ERROR_MISMATCH, "norm_num_groups");
  check_refused ("{\"scaling_factor\": 0}", TPD_ERROR_INVALID_DATA, "scaling_factor");
  check_refused ("{\"block_out_channels\": []}", TPD_ERROR_INVALID_DATA, "block_out_channels");
  check_refused ("{\"latent_channels\": -1}", TPD_ERROR_INVALID_DATA, "latent_channels");
  check_refused ("{\"in_channels\": 4}", TPD_ERROR_INVALID_DATA, "in_channels");
  check_refused ("{\"act_fn\": \"relu\"}", TPD_ERROR_INVALID_DATA, "act_fn");
  check_refused ("{\"latents_mean\": [0, 0, 0, 0]}", TPD_ERROR_UNSUPPORTED, "latents_mean");
  check_refused ("{" SMALL ", " UP "}", TPD_ERROR_UNSUPPORTED, "down_block_types");
  check_refused ("{" SMALL ", " DOWN ", \"up_block_types\": [1, {}]}", TPD_ERROR_UNSUPPORTED,
                 "up_block_types");
  check_refused ("{\"down_block_types\": [\"AttnDownEncoderBlock2D\"]}", TPD_ERROR_UNSUPPORTED,
                 "DownEncoderBlock2D");
}

/* A wrong shape is the context's error, and nothing crashes. */
static void
check_shape (int n_dims, const gint64 *shape, gboolean encode)
{
  g_autoptr (TpdContext) ctx = make_context ();
  g_autoptr (TpdAutoencoderKl) vae = make_small (ctx);
  g_autoptr (GError) error = NULL;
  TpdTensor *x, *mean, *logvar;

  tpd_context_push_scope (ctx);
  x = tpd_zeros (ctx, TPD_F32, n_dims, shape);
  if (encode)
    {
      tpd_autoencoder_kl_encode (vae, ctx, x, &mean, &logvar);
      tpd_autoencoder_kl_encode_images (vae, ctx, x);
    }
  else
    {
      tpd_autoencoder_kl_decode (vae, ctx, x);
      tpd_autoencoder_kl_decode_latents (vae, ctx, x);
    }
  tpd_context_pop_scope (ctx, NULL);
  g_assert_false (tpd_context_sync (ctx, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_MISMATCH);
}

static void
test_bad_shapes (void)
{
  check_shape (TPD_SHAPE (1, 4, 5, 3), TRUE);
  check_shape (TPD_SHAPE (1, 4, 4, 1), TRUE);
  check_shape (TPD_SHAPE (4, 4, 3), TRUE);
  check_shape (TPD_SHAPE (1, 3, 4, 4), FALSE);
  check_shape (TPD_SHAPE (4, 4), FALSE);
}

/* Missing tensors are named. */
static gboolean
lookup_nothing (const char *name, TpdHostTensor *tensor, gpointer data)
{
  return FALSE;
}

static void
test_missing_tensors (void)
{
  g_autoptr (TpdContext) ctx = make_context ();
  g_autoptr (TpdAutoencoderKl) vae = make_small (ctx);
  g_autoptr (GError) error = NULL;

  g_assert_false (tpd_param_store_load (tpd_component_get_params (TPD_COMPONENT (vae)), ctx,
                                        lookup_nothing, NULL, "a.safetensors", &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "encoder.conv_in.weight"));
}

/* A sample is mean + standard deviation · normal number, the same for the same seed. */
static void
test_sample (void)
{
  g_autoptr (TpdContext) ctx = make_context ();
  TpdTensor *mean, *logvar, *noise;
  float a[8], b[8], n[8];

  tpd_context_push_scope (ctx);
  mean = tpd_zeros (ctx, TPD_F32, TPD_SHAPE (1, 2, 2, 2));
  logvar = tpd_zeros (ctx, TPD_F32, TPD_SHAPE (1, 2, 2, 2));
  tpd_fill (ctx, mean, 5);
  tpd_fill (ctx, logvar, -100);
  tpd_tensor_to_host (ctx, tpd_autoencoder_kl_sample (ctx, mean, logvar, 1, 0), a, NULL);
  for (int i = 0; i < 8; i++)
    g_assert_cmpfloat (a[i], ==, 5);

  tpd_fill (ctx, logvar, 0);
  noise = tpd_randn (ctx, TPD_F32, TPD_SHAPE (8), 1, 3);
  tpd_tensor_to_host (ctx, tpd_autoencoder_kl_sample (ctx, mean, logvar, 1, 3), a, NULL);
  tpd_tensor_to_host (ctx, tpd_autoencoder_kl_sample (ctx, mean, logvar, 1, 3), b, NULL);
  tpd_tensor_to_host (ctx, noise, n, NULL);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
  for (int i = 0; i < 8; i++)
    g_assert_cmpfloat (a[i], ==, 5 + n[i]);
  tpd_context_pop_scope (ctx, NULL);
}

/* The same numbers, however many images are encoded or decoded at a time. */
static void
test_chunks (void)
{
  g_autoptr (TpdContext) ctx = make_context ();
  g_autoptr (TpdAutoencoderKl) vae = make_small (ctx);
  const gsize n_latents = 5 * 4 * 6 * 4, n_images = 5 * 12 * 8 * 3;
  g_autofree float *latents = g_new (float, 2 * n_latents), *images = g_new (float, 2 * n_images);

  for (guint i = 0; i < 5; i++)
    {
      TpdTensor *z, *x;

      g_object_set (vae, "images-per-chunk", i, NULL);
      tpd_context_push_scope (ctx);
      x = tpd_randn (ctx, TPD_F32, TPD_SHAPE (5, 12, 8, 3), 1, 0);
      z = tpd_autoencoder_kl_encode_images (vae, ctx, x);
      x = tpd_autoencoder_kl_decode_latents (vae, ctx, z);
      g_assert_true (tpd_tensor_to_host (ctx, z, latents + (i > 0 ? n_latents : 0), NULL));
      g_assert_true (tpd_tensor_to_host (ctx, x, images + (i > 0 ? n_images : 0), NULL));
      tpd_context_pop_scope (ctx, NULL);
      if (i == 0)
        continue;
      g_assert_cmpmem (latents, n_latents * sizeof (float), latents + n_latents,
                       n_latents * sizeof (float));
      g_assert_cmpmem (images, n_images * sizeof (float), images + n_images,
                       n_images * sizeof (float));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/autoencoder-kl/defaults", test_defaults);
  g_test_add_func ("/autoencoder-kl/bad-configs", test_bad_configs);
  g_test_add_func ("/autoencoder-kl/bad-shapes", test_bad_shapes);
  g_test_add_func ("/autoencoder-kl/missing-tensors", test_missing_tensors);
  g_test_add_func ("/autoencoder-kl/sample", test_sample);
  g_test_add_func ("/autoencoder-kl/chunks", test_chunks);
  return g_test_run ();
}
