/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memory that runs out, at every point where tensors are made: one clear error each time, and what
 * works afterwards works as if nothing had been. */

#include <string.h>

#include "core/tpd-json.h"
#include "core/tpd-tape.h"
#include "models/tpd-mini-flux.h"
#include "ops/tpd-op.h"
#include "tpd-pipeline.h"

typedef gpointer (*Alloc) (TpdDevice *device, gpointer stream, gsize n_bytes, GError **error);

static Alloc real_alloc;
static gint64 n_asked;      /* blocks since starve() */
static gint64 starved = -1; /* the block that is refused, −1 for none */

static gpointer
counting_alloc (TpdDevice *device, gpointer stream, gsize n_bytes, GError **error)
{
  if (n_asked++ != starved)
    return real_alloc (device, stream, n_bytes, error);
  g_set_error_literal (error, TPD_ERROR, TPD_ERROR_NO_MEMORY, "starved");
  return NULL;
}

static void
starve (gint64 block)
{
  n_asked = 0;
  starved = block;
}

static TpdDevice *
open_device (void)
{
  TpdDevice *device = tpd_device_open ("cpu", NULL);
  TpdDeviceClass *klass = TPD_DEVICE_GET_CLASS (device);

  if (real_alloc == NULL)
    {
      real_alloc = klass->alloc;
      klass->alloc = counting_alloc;
    }
  return device;
}

/* ── generating ── */

static TpdPipeline *
open_pipeline (void)
{
  g_autoptr (GError) error = NULL;
  TpdPipeline *pipeline = tpd_pipeline_new (g_getenv ("TPDIFF_TEST_MODEL"), "cpu", &error);

  g_assert_no_error (error);
  return pipeline;
}

/* A guided clip. */
static TpdClip *
generate (TpdPipeline *pipeline, GError **error)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();

  request->prompt = g_strdup ("a red circle");
  g_object_set (request->settings, "stage-steps", "1,1,2", "guidance-scale", 3.0, NULL);
  return tpd_pipeline_generate (pipeline, request, NULL, NULL, NULL, error);
}

/* The first clips of a model also make what later ones use again. */
static void
test_generate (void)
{
  g_autoptr (TpdDevice) device = open_device ();
  TpdPipeline *pipeline = open_pipeline ();
  g_autoptr (TpdClip) after = NULL, undisturbed = NULL;
  g_autoptr (GError) error = NULL;

  for (gint64 i = 0;; i++)
    {
      starve (i);
      after = generate (pipeline, &error);
      if (n_asked <= starved)
        break;
      g_assert_null (after);
      g_assert_error (error, TPD_ERROR, TPD_ERROR_NO_MEMORY);
      g_clear_error (&error);
    }
  g_assert_no_error (error);
  g_assert_finalize_object (pipeline);

  starve (-1);
  pipeline = open_pipeline ();
  undisturbed = generate (pipeline, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (after->rgb, undisturbed->rgb));
  g_object_unref (pipeline);
}

/* ── training ── */

static const char denoiser_config[] =
    "{\"patch_size\": 1, \"in_channels\": 16, \"num_layers\": 1, \"num_single_layers\": 1,"
    " \"attention_head_dim\": 6, \"num_attention_heads\": 2, \"joint_attention_dim\": 16,"
    " \"pooled_projection_dim\": 16, \"axes_dims_rope\": [2, 2, 2], \"use_temporal_causal\": true}";

static const char vae_config[] =
    "{\"down_block_types\": [\"DownEncoderBlock2D\", \"DownEncoderBlock2D\"],"
    " \"up_block_types\": [\"UpDecoderBlock2D\", \"UpDecoderBlock2D\"],"
    " \"block_out_channels\": [4, 8], \"layers_per_block\": 1, \"norm_num_groups\": 2}";

static TpdTensor *
denoiser_loss (gpointer denoiser, TpdContext *ctx)
{
  const TpdConditioning conditioning = {
      .text = tpd_randn (ctx, TPD_F32, TPD_SHAPE (2, 5, 16), 2, 0),
      .pooled = tpd_randn (ctx, TPD_F32, TPD_SHAPE (2, 16), 3, 0),
  };
  const double timesteps[] = {500, 300};
  TpdTensor *x = tpd_randn (ctx, TPD_F32, TPD_SHAPE (2, 3, 4, 4, 4), 4, 0);

  return tpd_mse (ctx, tpd_denoiser_predict (denoiser, ctx, x, timesteps, 1, &conditioning), x);
}

static TpdTensor *
vae_loss (gpointer vae, TpdContext *ctx)
{
  TpdTensor *images = tpd_randn (ctx, TPD_F32, TPD_SHAPE (1, 8, 8, 3), 2, 0);
  TpdTensor *mean, *logvar, *z;

  tpd_autoencoder_kl_encode (vae, ctx, images, &mean, &logvar);
  z = tpd_autoencoder_kl_sample (ctx, mean, logvar, 3, 0);
  return tpd_add (ctx, tpd_mse (ctx, tpd_autoencoder_kl_decode (vae, ctx, z), images),
                  tpd_autoencoder_kl_divergence (ctx, mean, logvar));
}

typedef TpdTensor *(*LossFunc) (gpointer network, TpdContext *ctx);

/* One pass forward and backward; 0 with an error. */
static float
train (gpointer network, LossFunc compute_loss, TpdContext *ctx, GError **error)
{
  TpdParamStore *params = tpd_component_get_params (network);
  TpdTensor *loss;
  float value = 0;

  tpd_context_push_scope (ctx);
  tpd_tape_begin (ctx);
  loss = compute_loss (network, ctx);
  tpd_tape_backward (ctx, loss, 1);
  tpd_tensor_to_host (ctx, loss, &value, error);
  for (guint i = 0; i < tpd_param_store_get_n (params); i++)
    tpd_tensor_clear_grad (tpd_param_store_get_tensor (params, i));
  tpd_context_pop_scope (ctx, NULL);
  return value;
}

static void
check_training (gpointer network, LossFunc compute_loss, TpdContext *ctx)
{
  TpdParamStore *params = tpd_component_get_params (network);
  g_autoptr (GError) error = NULL;
  float undisturbed, after;

  starve (-1);
  g_assert_true (tpd_param_store_initialize (params, ctx, 1, NULL));
  tpd_param_store_set_trainable (params, TRUE);
  undisturbed = train (network, compute_loss, ctx, &error);
  g_assert_no_error (error);
  for (gint64 i = 0;; i++)
    {
      starve (i);
      after = train (network, compute_loss, ctx, &error);
      if (n_asked <= starved)
        break;
      g_assert_error (error, TPD_ERROR, TPD_ERROR_NO_MEMORY);
      g_clear_error (&error);
    }
  g_assert_no_error (error);
  g_assert_cmpfloat (after, ==, undisturbed);
}

static JsonObject *
parse (const char *json)
{
  return tpd_json_parse (json, strlen (json), "config", NULL);
}

static void
test_train_denoiser (void)
{
  g_autoptr (TpdDevice) device = open_device ();
  g_autoptr (TpdContext) ctx = tpd_context_new (device, NULL);
  g_autoptr (JsonObject) config = parse (denoiser_config);
  g_autoptr (TpdMiniFlux) denoiser = tpd_mini_flux_new (config, "config", NULL);

  check_training (denoiser, denoiser_loss, ctx);
  g_object_set (denoiser, "activation-checkpointing", TRUE, NULL);
  check_training (denoiser, denoiser_loss, ctx);
}

static void
test_train_vae (void)
{
  g_autoptr (TpdDevice) device = open_device ();
  g_autoptr (TpdContext) ctx = tpd_context_new (device, NULL);
  g_autoptr (JsonObject) config = parse (vae_config);
  g_autoptr (TpdAutoencoderKl) vae = tpd_autoencoder_kl_new (config, "config", NULL);

  check_training (vae, vae_loss, ctx);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/no-memory/generate", test_generate);
  g_test_add_func ("/no-memory/train/denoiser", test_train_denoiser);
  g_test_add_func ("/no-memory/train/vae", test_train_vae);
  return g_test_run ();
}
