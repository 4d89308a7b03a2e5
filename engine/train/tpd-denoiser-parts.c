/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-denoiser-parts.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "../io/tpd-component-file.h"
#include "../io/tpd-model-index.h"
#include "../io/tpd-model-info.h"
#include "../vae/tpd-preview-projection.h"
#include "tpd-train-setup.h"

static gboolean
read_vae (TpdDenoiserParts *self, const TpdTrainConfig *config, TpdContext *ctx, GError **error)
{
  g_autofree char *dir = g_build_filename (config->model, "vae", NULL);
  g_autoptr (JsonObject) json = tpd_component_file_read_config (dir, error);

  if (json == NULL)
    return FALSE;
  self->vae = tpd_autoencoder_kl_new (json, dir, error);
  return self->vae != NULL && tpd_component_file_load (TPD_COMPONENT (self->vae), ctx, dir, error);
}

static gboolean
read_tokenizer (TpdDenoiserParts *self, const TpdTrainConfig *config, GError **error)
{
  self->tokenizer_folder = config->tokenizer != NULL
                               ? g_strdup (config->tokenizer)
                               : g_build_filename (config->model, "tokenizer", NULL);
  self->tokenizer = tpd_clip_tokenizer_new_from_dir (self->tokenizer_folder, error);
  return self->tokenizer != NULL;
}

/* A config without a vocabulary takes the tokenizer's. */
static void
complete_text_config (JsonObject *json, TpdClipTokenizer *tokenizer)
{
  if (!json_object_has_member (json, "vocab_size"))
    json_object_set_int_member (json, "vocab_size", tpd_clip_tokenizer_get_vocab_size (tokenizer));
  if (!json_object_has_member (json, "bos_token_id"))
    json_object_set_int_member (json, "bos_token_id", tpd_clip_tokenizer_get_bos_id (tokenizer));
  if (!json_object_has_member (json, "eos_token_id"))
    json_object_set_int_member (json, "eos_token_id", tpd_clip_tokenizer_get_eos_id (tokenizer));
  if (!json_object_has_member (json, "pad_token_id"))
    json_object_set_int_member (json, "pad_token_id", tpd_clip_tokenizer_get_pad_id (tokenizer));
}

/* The folder whose weights a component starts from, or NULL: it starts from the seed. What is
 * trained further comes with the text encoder that it understands. */
static gboolean
find_start (const TpdTrainConfig *config, char **denoiser, char **text_encoder, GError **error)
{
  g_autoptr (TpdModelInfo) info = NULL;
  const TpdDenoiserInfo *start;

  *denoiser = *text_encoder = NULL;
  if (g_str_equal (config->text_encoder, "frozen"))
    *text_encoder = g_build_filename (config->model, "text_encoder", NULL);
  if (config->init_from == NULL)
    return TRUE;
  info = tpd_model_info_read (config->init_from, error);
  if (info == NULL)
    return FALSE;
  start = tpd_model_info_pick_denoiser (info, (guint)config->stages, FALSE, NULL);
  if (start == NULL)
    start = tpd_model_info_pick_denoiser (info, (guint)config->stages, TRUE, error);
  if (start == NULL)
    return FALSE;
  *denoiser = g_build_filename (info->path, start->folder, NULL);
  if (*text_encoder == NULL)
    *text_encoder = g_build_filename (info->path, start->text_encoder, NULL);
  return TRUE;
}

/* Fills a component from a folder, or from the seed if that is NULL. */
static gboolean
fill_component (gpointer component, const TpdTrainConfig *config, TpdContext *ctx, const char *dir,
                GError **error)
{
  if (dir != NULL)
    return tpd_component_file_load (TPD_COMPONENT (component), ctx, dir, error);
  return tpd_param_store_initialize (tpd_component_get_params (TPD_COMPONENT (component)), ctx,
                                     config->seed, error);
}

/* The config of a component in the folder, or of the one to make anew if that is NULL. */
static JsonObject *
component_config (const TpdTrainConfig *config, const char *dir, const char *name, GError **error)
{
  return dir != NULL ? tpd_component_file_read_config (dir, error)
                     : tpd_train_setup_component_config (config, name, error);
}

static gboolean
make_text_encoder (TpdDenoiserParts *self, const TpdTrainConfig *config, TpdContext *ctx,
                   const char *dir, GError **error)
{
  g_autoptr (JsonObject) json = component_config (config, dir, "text_encoder", error);

  if (json == NULL)
    return FALSE;
  complete_text_config (json, self->tokenizer);
  self->text = tpd_clip_text_new (json, dir != NULL ? dir : config->config, error);
  if (self->text == NULL)
    return FALSE;
  self->n_tokens = MIN (tpd_clip_text_get_max_length (self->text),
                        tpd_clip_tokenizer_get_max_length (self->tokenizer));
  return fill_component (self->text, config, ctx, dir, error);
}

static gboolean
make_denoiser (TpdDenoiserParts *self, const TpdTrainConfig *config, TpdContext *ctx,
               const char *dir, GError **error)
{
  g_autoptr (JsonObject) json = component_config (config, dir, "transformer", error);

  if (json == NULL)
    return FALSE;
  self->denoiser = tpd_mini_flux_new (json, dir != NULL ? dir : config->config, error);
  return self->denoiser != NULL && fill_component (self->denoiser, config, ctx, dir, error);
}

static gboolean
make_schedule (TpdDenoiserParts *self, const TpdTrainConfig *config, GError **error)
{
  TpdForm form = g_str_equal (config->form, "ddim") ? TPD_FORM_DDIM : TPD_FORM_FLOW;

  tpd_pyramid_config_init (&self->pyramid, form, config->stages);
  if (g_str_equal (config->downsample, "mean"))
    self->pyramid.downsampling = TPD_DOWNSAMPLING_MEAN;
  if (g_str_equal (config->velocity_unit, "stage"))
    self->pyramid.velocity_unit = TPD_VELOCITY_UNIT_STAGE;
  self->schedule = tpd_schedule_new (&self->pyramid, error);
  return self->schedule != NULL &&
         tpd_schedule_check_frames (self->schedule, config->frames, error);
}

/* Adds a file's contents to a checksum; a file that cannot be read has failed elsewhere before. */
static void
add_file (GChecksum *sum, const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autofree char *data = NULL;
  gsize length;

  if (g_file_get_contents (path, &data, &length, NULL))
    g_checksum_update (sum, (const guchar *)data, length);
}

/* Everything that the encoded clips depend on; sizes are checked by the cache itself. */
static char *
describe_cache (TpdDenoiserParts *self, const TpdTrainConfig *config)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *vae = g_build_filename (config->model, "vae", NULL);

  add_file (sum, vae, "config.json");
  add_file (sum, vae, "diffusion_pytorch_model.safetensors");
  add_file (sum, self->tokenizer_folder, "vocab.json");
  add_file (sum, self->tokenizer_folder, "merges.txt");
  return g_strdup_printf ("%s %" G_GINT64_FORMAT " %s", config->dataset, config->data_seed,
                          g_checksum_get_string (sum));
}

static gboolean
open_cache (TpdDenoiserParts *self, const TpdTrainConfig *config, GError **error)
{
  g_autofree char *identity = describe_cache (self, config);
  g_autofree char *above = g_path_get_dirname (config->out);
  g_autofree char *path = config->cache != NULL ? g_strdup (config->cache)
                                                : g_build_filename (above, "latents.cache", NULL);

  if (g_mkdir_with_parents (above, 0777) != 0)
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", above,
                   g_strerror (code));
      return FALSE;
    }
  self->cache = tpd_latent_cache_open (path, identity, self->dataset, self->vae, self->tokenizer,
                                       config->clips, self->n_tokens, error);
  return self->cache != NULL;
}

TpdDenoiserParts *
tpd_denoiser_parts_new (const TpdTrainConfig *config, TpdContext *ctx, GError **error)
{
  g_autoptr (TpdDenoiserParts) self = g_new0 (TpdDenoiserParts, 1);
  g_autofree char *denoiser = NULL, *text = NULL;

  if (config->model == NULL)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "Training a denoiser needs --model DIR, with an autoencoder in DIR/vae (see "
                   "tpdiff train vae)");
      return NULL;
    }
  self->dataset = tpd_train_setup_dataset (config, error);
  if (self->dataset == NULL || !make_schedule (self, config, error) ||
      !read_tokenizer (self, config, error) || !read_vae (self, config, ctx, error) ||
      !find_start (config, &denoiser, &text, error) ||
      !make_text_encoder (self, config, ctx, text, error) ||
      !make_denoiser (self, config, ctx, denoiser, error) || !open_cache (self, config, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
tpd_denoiser_parts_free (TpdDenoiserParts *self)
{
  g_clear_object (&self->dataset);
  g_clear_object (&self->vae);
  g_clear_object (&self->tokenizer);
  g_clear_object (&self->text);
  g_clear_object (&self->denoiser);
  g_clear_object (&self->cache);
  g_clear_pointer (&self->schedule, tpd_schedule_unref);
  g_free (self->tokenizer_folder);
  g_free (self);
}

TpdConditioning
tpd_denoiser_parts_condition (TpdDenoiserParts *self, TpdContext *ctx, const gint32 *tokens,
                              const gint32 *mask, guint n)
{
  TpdConditioning conditioning = {NULL};

  tpd_clip_text_encode (self->text, ctx, tokens, n, self->n_tokens, &conditioning.text,
                        &conditioning.pooled);
  conditioning.mask = tpd_context_own (
      ctx, tpd_tensor_new_from_host (ctx, TPD_I32, TPD_SHAPE (n, self->n_tokens), mask));
  return conditioning;
}

/* ── the model directory ── */

static gboolean
write_component (gpointer component, TpdContext *ctx, const char *model, const char *folder,
                 TpdDtype dtype, GError **error)
{
  g_autofree char *dir = g_build_filename (model, folder, NULL);

  return tpd_component_file_write (TPD_COMPONENT (component), ctx, dir, dtype, error);
}

static gboolean
copy_file (const char *from_dir, GFile *to_dir, const char *name, GError **error)
{
  g_autoptr (GFile) from = g_file_new_build_filename (from_dir, name, NULL);
  g_autoptr (GFile) to = g_file_get_child (to_dir, name);

  return !g_file_query_exists (from, NULL) || g_file_equal (from, to) ||
         g_file_copy (from, to, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, error);
}

/* With its projection for previews, if it has one. */
static gboolean
write_vae (TpdDenoiserParts *self, TpdContext *ctx, const TpdTrainConfig *config, const char *model,
           GError **error)
{
  g_autofree char *from = g_build_filename (config->model, "vae", NULL);
  g_autoptr (GFile) to = g_file_new_build_filename (model, "vae", NULL);

  return write_component (self->vae, ctx, model, "vae", tpd_train_setup_dtype (config), error) &&
         copy_file (from, to, TPD_PREVIEW_PROJECTION_FILE, error);
}

static gboolean
copy_tokenizer (TpdDenoiserParts *self, const char *model, GError **error)
{
  static const char *const names[] = {"vocab.json", "merges.txt", "tokenizer_config.json",
                                      "special_tokens_map.json"};
  g_autofree char *dir = g_build_filename (model, "tokenizer", NULL);
  g_autoptr (GFile) folder = g_file_new_for_path (dir);

  if (!g_file_query_exists (folder, NULL) &&
      !g_file_make_directory_with_parents (folder, NULL, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!copy_file (self->tokenizer_folder, folder, names[i], error))
      return FALSE;
  return TRUE;
}

/* Says in tpdiff.json and model_index.json what the directory holds by now. */
static gboolean
write_info (TpdDenoiserParts *self, const TpdTrainConfig *config, const char *model,
            const char *denoiser, const char *text, GError **error)
{
  g_autofree char *file = g_build_filename (model, TPD_MODEL_FILE, NULL);
  g_autoptr (TpdModelInfo) info = g_file_test (file, G_FILE_TEST_EXISTS)
                                      ? tpd_model_info_read (model, error)
                                      : tpd_model_info_new (model);

  if (info == NULL)
    return FALSE;
  g_free (info->dataset);
  info->dataset = g_strdup (config->dataset);
  info->n_frames = config->frames;
  info->width = info->height = config->size;
  tpd_model_info_add_denoiser (info, denoiser, text, &self->pyramid);
  return tpd_model_index_write (info, error) && tpd_model_info_write (info, error);
}

gboolean
tpd_denoiser_parts_write_model (TpdDenoiserParts *self, TpdContext *ctx,
                                const TpdTrainConfig *config, GError **error)
{
  const gboolean vanilla = config->stages == 1;
  const char *denoiser = vanilla ? "transformer_vanilla" : "transformer";
  const char *text = vanilla ? "text_encoder_vanilla" : "text_encoder";
  const TpdDtype dtype = tpd_train_setup_dtype (config);
  g_autofree char *model = config->model_out != NULL
                               ? g_strdup (config->model_out)
                               : g_build_filename (config->out, "model", NULL);

  return write_vae (self, ctx, config, model, error) && copy_tokenizer (self, model, error) &&
         write_component (self->text, ctx, model, text, dtype, error) &&
         write_component (self->denoiser, ctx, model, denoiser, dtype, error) &&
         write_info (self, config, model, denoiser, text, error);
}
