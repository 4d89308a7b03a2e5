/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* make-tiny-model TOKENIZER_DIR OUT_DIR
 *
 * Writes a complete model directory of less than 150 kB: the real architectures with seeded random
 * weights. It makes noise, quickly: for tests of everything around a model. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>

#include "core/tpd-json.h"
#include "core/tpd-random.h"
#include "io/tpd-component-file.h"
#include "io/tpd-model-index.h"
#include "models/tpd-mini-flux.h"
#include "text/tpd-clip-text.h"
#include "text/tpd-clip-tokenizer.h"
#include "train/tpd-preview-fit.h"
#include "train/tpd-shapes.h"
#include "vae/tpd-autoencoder-kl.h"

#define SEED 7

static const char vae_config[] =
    "{\"_class_name\": \"AutoencoderKL\", \"in_channels\": 3, \"out_channels\": 3,"
    " \"down_block_types\": [\"DownEncoderBlock2D\", \"DownEncoderBlock2D\"],"
    " \"up_block_types\": [\"UpDecoderBlock2D\", \"UpDecoderBlock2D\"],"
    " \"block_out_channels\": [4, 8], \"layers_per_block\": 1, \"latent_channels\": 4,"
    " \"norm_num_groups\": 2, \"use_quant_conv\": false, \"use_post_quant_conv\": false,"
    " \"mid_block_add_attention\": false, \"scaling_factor\": 1.0, \"shift_factor\": 0.0}";

static const char transformer_config[] =
    "{\"_class_name\": \"PyramidFluxTransformer\", \"patch_size\": 1, \"in_channels\": 16,"
    " \"num_layers\": 1, \"num_single_layers\": 1, \"attention_head_dim\": 6,"
    " \"num_attention_heads\": 2, \"joint_attention_dim\": 16, \"pooled_projection_dim\": 16,"
    " \"axes_dims_rope\": [2, 2, 2], \"use_temporal_causal\": false}";

static const char text_config[] =
    "{\"architectures\": [\"CLIPTextModel\"], \"model_type\": \"clip_text_model\","
    " \"hidden_size\": 16, \"intermediate_size\": 32, \"num_hidden_layers\": 1,"
    " \"num_attention_heads\": 2, \"max_position_embeddings\": 16, \"hidden_act\": \"quick_gelu\","
    " \"vocab_size\": %u, \"eos_token_id\": %d}";

/* Ends the program with the error's message. */
static void
check (GError *error)
{
  if (error == NULL)
    return;
  g_printerr ("make-tiny-model: %s\n", error->message);
  exit (EXIT_FAILURE);
}

static JsonObject *
parse (const char *json)
{
  GError *error = NULL;
  JsonObject *object = tpd_json_parse (json, strlen (json), "tiny", &error);

  check (error);
  return object;
}

/* Random weights of the size that keeps activations about 1: for a real initialisation, which
 * starts some layers at zero, everything would be the same noise whatever the prompt. */
static void
fill (TpdParamStore *store, TpdContext *ctx, guint64 seed)
{
  for (guint i = 0; i < tpd_param_store_get_n (store); i++)
    {
      TpdTensor *tensor = tpd_param_store_get_tensor (store, i);
      gint64 n = tpd_tensor_n_elements (tensor);
      gboolean is_matrix = tensor->view.n_dims > 1;
      gboolean is_gain =
          g_str_has_suffix (tpd_param_get_name (tpd_param_store_get (store, i)), "weight");
      float scale = is_matrix ? 1 / sqrtf ((float)n / (float)tensor->view.shape[0]) : 0.1f;
      g_autofree float *values = g_new (float, n + 3);

      for (gint64 j = 0; j < n; j += 4)
        tpd_random_normal4 (tpd_random_fork (seed, i), (guint64)j / 4, values + j);
      for (gint64 j = 0; j < n; j++)
        values[j] = values[j] * scale + (!is_matrix && is_gain ? 1 : 0);
      tpd_tensor_upload (ctx, tensor, values);
    }
}

static void
write_component (gpointer component, TpdContext *ctx, guint64 seed, const char *out,
                 const char *folder)
{
  TpdParamStore *store = tpd_component_get_params (component);
  g_autofree char *path = g_build_filename (out, folder, NULL);
  GError *error = NULL;

  tpd_param_store_initialize (store, ctx, seed, &error);
  check (error);
  fill (store, ctx, seed);
  tpd_component_file_write (component, ctx, path, TPD_BF16, &error);
  check (error);
  g_object_unref (component);
}

static void
write_preview_projection (TpdContext *ctx, const char *out)
{
  g_autofree char *vae = g_build_filename (out, "vae", NULL);
  g_autoptr (TpdShapes) shapes =
      tpd_shapes_new (TPD_WORLD_FULL, (TpdClipSize){1, 16, 16}, SEED, TPD_SHAPES_TRAIN);
  GError *error = NULL;

  tpd_preview_fit_folder (vae, ctx, TPD_DATASET (shapes), 16, NULL, NULL, &error);
  check (error);
}

static TpdClipTokenizer *
copy_tokenizer (const char *from, const char *out)
{
  const char *const names[] = {"vocab.json", "merges.txt", "tokenizer_config.json"};
  g_autofree char *to = g_build_filename (out, "tokenizer", NULL);
  TpdClipTokenizer *tokenizer;
  GError *error = NULL;

  g_mkdir_with_parents (to, 0777);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GFile) source = g_file_new_build_filename (from, names[i], NULL);
      g_autoptr (GFile) target = g_file_new_build_filename (to, names[i], NULL);

      g_file_copy (source, target, G_FILE_COPY_OVERWRITE | G_FILE_COPY_TARGET_DEFAULT_PERMS, NULL,
                   NULL, NULL, &error);
      check (error);
    }
  tokenizer = tpd_clip_tokenizer_new_from_dir (to, &error);
  check (error);
  return tokenizer;
}

static void
write_info (const char *out)
{
  g_autoptr (TpdModelInfo) info = tpd_model_info_new (out);
  TpdPyramidConfig pyramid;
  GError *error = NULL;

  info->license = g_strdup ("CC0-1.0");
  info->n_frames = 8;
  info->width = 16;
  info->height = 16;
  tpd_pyramid_config_init (&pyramid, TPD_FORM_FLOW, 3);
  tpd_model_info_add_denoiser (info, "transformer", NULL, &pyramid);
  tpd_pyramid_config_init (&pyramid, TPD_FORM_FLOW, 1);
  tpd_model_info_add_denoiser (info, "transformer_vanilla", NULL, &pyramid);
  g_object_set (info->defaults, "steps", 6, NULL);
  tpd_model_index_write (info, &error);
  check (error);
  tpd_model_info_write (info, &error);
  check (error);
}

int
main (int argc, char *argv[])
{
  GError *error = NULL;
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", &error);
  g_autoptr (TpdContext) ctx = tpd_context_new (device, &error);
  g_autoptr (TpdClipTokenizer) tokenizer = copy_tokenizer (argv[1], argv[2]);
  g_autoptr (JsonObject) vae = parse (vae_config);
  g_autoptr (JsonObject) transformer = parse (transformer_config);
  g_autofree char *text =
      g_strdup_printf (text_config, tpd_clip_tokenizer_get_vocab_size (tokenizer),
                       tpd_clip_tokenizer_get_eos_id (tokenizer));
  g_autoptr (JsonObject) encoder = parse (text);

  write_component (tpd_autoencoder_kl_new (vae, "vae", &error), ctx, SEED, argv[2], "vae");
  write_preview_projection (ctx, argv[2]);
  write_component (tpd_clip_text_new (encoder, "text", &error), ctx, SEED + 1, argv[2],
                   "text_encoder");
  write_component (tpd_mini_flux_new (transformer, "transformer", &error), ctx, SEED + 2, argv[2],
                   "transformer");
  write_component (tpd_mini_flux_new (transformer, "transformer", &error), ctx, SEED + 3, argv[2],
                   "transformer_vanilla");
  check (error);
  write_info (argv[2]);
  return EXIT_SUCCESS;
}
