/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/tpd-model.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "../tree.h"
#include "core/tpd-json.h"

/* A copy of the tiny model to spoil. */
typedef struct
{
  TpdDevice *device;
  char *model;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->device = tpd_device_open ("cpu", &error);
  g_assert_no_error (error);
  f->model = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  tree_copy (g_getenv ("TPDIFF_TEST_MODEL"), f->model);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  tree_remove (f->model);
  g_free (f->model);
  g_object_unref (f->device);
}

/* diffusers' list names the same parts. */
static void
test_index (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->model, "model_index.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) index = tpd_json_read_file (path, &error);
  static const char *const parts[][3] = {
      {"transformer", "diffusers", "PyramidFluxTransformer"},
      {"transformer_vanilla", "diffusers", "PyramidFluxTransformer"},
      {"vae", "diffusers", "AutoencoderKL"},
      {"text_encoder", "transformers", "CLIPTextModel"},
      {"tokenizer", "transformers", "CLIPTokenizer"},
  };

  g_assert_no_error (error);
  g_assert_cmpuint (json_object_get_size (index), ==, 1 + G_N_ELEMENTS (parts));
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      JsonArray *part = json_object_get_array_member (index, parts[i][0]);

      g_assert_cmpstr (json_array_get_string_element (part, 0), ==, parts[i][1]);
      g_assert_cmpstr (json_array_get_string_element (part, 1), ==, parts[i][2]);
    }
}

static void
test_parts (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdModel) model = tpd_model_open (f->model, f->device, &error);
  const TpdDenoiserEntry *pyramid, *vanilla;

  g_assert_no_error (error);
  g_assert_true (tpd_model_get_device (model) == f->device);
  g_assert_cmpuint (tpd_model_get_info (model)->n_frames, ==, 8);
  g_assert_nonnull (tpd_model_get_tokenizer (model));
  g_assert_true (TPD_IS_AUTOENCODER_KL (tpd_model_get_vae (model)));
  pyramid = tpd_model_pick_denoiser (model, 0, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (pyramid->trained->n_stages, ==, 3);
  g_assert_true (TPD_IS_DENOISER (pyramid->denoiser));
  vanilla = tpd_model_pick_denoiser (model, 1, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (vanilla->denoiser != pyramid->denoiser);
  g_assert_null (tpd_model_pick_denoiser (model, 2, FALSE, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_true (tpd_model_get_component (model, "transformer", &error) ==
                 (TpdComponent *)pyramid->denoiser);
  g_assert_null (tpd_model_get_component (model, "unet", &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
  g_assert_nonnull (
      strstr (error->message, "it has text_encoder, transformer, transformer_vanilla, vae"));
}

/* One folder on one device is one object while it is held, however the folder is named. */
static void
test_cache (Fixture *f, gconstpointer data)
{
  g_autofree char *dotted = g_build_filename (f->model, ".", NULL);
  TpdModel *first = tpd_model_open (f->model, f->device, NULL);
  TpdModel *second = tpd_model_open (dotted, f->device, NULL);
  gpointer watched = first;

  g_assert_nonnull (first);
  g_assert_true (first == second);
  g_object_add_weak_pointer (watched, &watched);
  g_object_unref (first);
  g_assert_nonnull (watched);
  g_object_unref (second);
  g_assert_null (watched);
  first = tpd_model_open (f->model, f->device, NULL);
  g_assert_nonnull (first);
  g_object_unref (first);
}

static gpointer
open_and_pick (gpointer data)
{
  Fixture *f = data;
  g_autoptr (GError) error = NULL;
  TpdModel *model = tpd_model_open (f->model, f->device, &error);

  g_assert_no_error (error);
  g_assert_nonnull (tpd_model_pick_denoiser (model, 0, FALSE, &error));
  g_assert_no_error (error);
  return model;
}

static void
test_threads (Fixture *f, gconstpointer data)
{
  GThread *threads[4];
  TpdModel *models[G_N_ELEMENTS (threads)];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("open", open_and_pick, f);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    models[i] = g_thread_join (threads[i]);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_assert_true (models[i] == models[0]);
      g_object_unref (models[i]);
    }
}

static void
test_encode_text (Fixture *f, gconstpointer data)
{
  g_autoptr (TpdModel) model = tpd_model_open (f->model, f->device, NULL);
  g_autoptr (TpdContext) ctx = tpd_context_new (f->device, NULL);
  const TpdDenoiserEntry *entry = tpd_model_pick_denoiser (model, 0, FALSE, NULL);
  g_autoptr (GError) error = NULL;
  TpdConditioning empty, text;
  float pooled[2][16];

  tpd_context_push_scope (ctx);
  empty = tpd_model_encode_text (model, entry, ctx, NULL);
  text = tpd_model_encode_text (model, entry, ctx, "a red star");
  g_assert_cmpint (text.text->view.shape[0], ==, 1);
  g_assert_cmpint (text.text->view.shape[1], ==, 16);
  g_assert_cmpint (text.text->view.shape[2], ==, 16);
  g_assert_cmpint (text.mask->view.dtype, ==, TPD_I32);
  g_assert_true (tpd_tensor_to_host (ctx, empty.pooled, pooled[0], &error));
  g_assert_true (tpd_tensor_to_host (ctx, text.pooled, pooled[1], &error));
  g_assert_no_error (error);
  g_assert_cmpint (memcmp (pooled[0], pooled[1], sizeof pooled[0]), !=, 0);
  tpd_context_pop_scope (ctx, NULL);
}

/* ── spoiled models ── */

typedef struct
{
  const char *what;
  const char *file; /* in the model's folder */
  const char *from; /* replaced by `to`; NULL removes the file */
  const char *to;
  TpdError code;
  const char *message;
} Spoiled;

static const Spoiled spoiled[] = {
    {"no-description", "tpdiff.json", NULL, NULL, TPD_ERROR_NOT_FOUND, "no tpdiff.json"},
    {"no-config", "vae/config.json", NULL, NULL, TPD_ERROR_NOT_FOUND, "vae/config.json"},
    {"no-weights", "vae/diffusion_pytorch_model.safetensors", NULL, NULL, TPD_ERROR_NOT_FOUND,
     "vae/diffusion_pytorch_model.safetensors"},
    {"no-vocabulary", "tokenizer/vocab.json", NULL, NULL, TPD_ERROR_NOT_FOUND, "vocab.json"},
    {"no-folder", "tpdiff.json", "\"transformer_vanilla\"", "\"transformer_2\"",
     TPD_ERROR_NOT_FOUND, "has no transformer_2: there is no folder"},
    {"wrong-role", "tpdiff.json", "\"transformer_vanilla\"", "\"vae\"", TPD_ERROR_NOT_FOUND,
     "has no vae: something else is in"},
    {"unknown-class", "vae/config.json", "AutoencoderKL", "AutoencoderXL", TPD_ERROR_UNSUPPORTED,
     "\"AutoencoderXL\" is not a class"},
    {"class-of-another-part", "vae/config.json", "AutoencoderKL", "PyramidFluxTransformer",
     TPD_ERROR_UNSUPPORTED, "\"PyramidFluxTransformer\" is not a class"},
    {"latent-channels", "transformer/config.json", "\"in_channels\" : 16", "\"in_channels\" : 32",
     TPD_ERROR_MISMATCH, "\"in_channels\" is 32, but"},
    {"text-width", "transformer/config.json", "\"joint_attention_dim\" : 16",
     "\"joint_attention_dim\" : 24", TPD_ERROR_MISMATCH,
     "\"joint_attention_dim\" is 24, but the text encoder gives 16"},
    {"pooled-width", "transformer/config.json", "\"pooled_projection_dim\" : 16",
     "\"pooled_projection_dim\" : 24", TPD_ERROR_MISMATCH, "\"pooled_projection_dim\" is 24, but"},
    {"vocabulary", "text_encoder/config.json", "\"vocab_size\" :", "\"vocab_size\" : 9, \"was\" :",
     TPD_ERROR_MISMATCH, "\"vocab_size\" is 9, but the tokenizer has"},
    {"frame-size", "tpdiff.json", "\"width\" : 16", "\"width\" : 18", TPD_ERROR_MISMATCH,
     "multiples of 4"},
    {"frame-count", "tpdiff.json", "\"frames\" : 8", "\"frames\" : 7", TPD_ERROR_INVALID_ARGUMENT,
     "\"frames\" does not suit transformer"},
    {"shape", "transformer/config.json", "\"num_attention_heads\" : 2",
     "\"num_attention_heads\" : 3", TPD_ERROR_MISMATCH, "should be [18"},
    {"layers", "transformer/config.json", "\"num_layers\" : 1", "\"num_layers\" : 2",
     TPD_ERROR_NOT_FOUND, "tensors missing"},
};

static void
spoil (const char *path, const Spoiled *how)
{
  g_autofree char *text = NULL;
  char *found;
  g_autofree char *result = NULL;

  if (how->from == NULL)
    {
      g_assert_cmpint (g_remove (path), ==, 0);
      return;
    }
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  found = strstr (text, how->from);
  g_assert_nonnull (found);
  *found = 0;
  result = g_strconcat (text, how->to, found + strlen (how->from), NULL);
  g_assert_true (g_file_set_contents (path, result, -1, NULL));
}

static void
test_spoiled (Fixture *f, gconstpointer data)
{
  const Spoiled *how = data;
  g_autofree char *path = g_build_filename (f->model, how->file, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdModel) model = NULL;

  spoil (path, how);
  model = tpd_model_open (f->model, f->device, &error);
  if (model != NULL)
    g_assert_null (tpd_model_pick_denoiser (model, 0, FALSE, &error));
  g_assert_error (error, TPD_ERROR, (int)how->code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, how->message));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/model/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("index", test_index);
  ADD ("parts", test_parts);
  ADD ("cache", test_cache);
  ADD ("threads", test_threads);
  ADD ("encode-text", test_encode_text);
  for (guint i = 0; i < G_N_ELEMENTS (spoiled); i++)
    {
      g_autofree char *path = g_strconcat ("/model/spoiled/", spoiled[i].what, NULL);

      g_test_add (path, Fixture, &spoiled[i], set_up, test_spoiled, tear_down);
    }
  return g_test_run ();
}
