/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-clip-text.h"

#include <string.h>

#include "tpd-clip-text-layer.h"

/* The value of "eos_token_id" in checkpoints whose end token is simply the largest id. */
#define LEGACY_EOS_TOKEN_ID 2

/* Published checkpoints have it before every name, files saved by transformers 5 may not. */
#define PREFIX "text_model."

struct _TpdClipText
{
  GObject parent_instance;

  /* owned */
  JsonObject *json;
  TpdParamStore *params;
  TpdClipTextLayer *layers; /* config.num_hidden_layers */

  /* layers; their parameters are owned by params */
  TpdEmbedding token_embedding, position_embedding;
  TpdNorm final_layer_norm;

  /* state */
  TpdClipTextConfig config;
};

static void component_iface_init (TpdComponentInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TpdClipText, tpd_clip_text, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (TPD_TYPE_COMPONENT, component_iface_init))

/* ── construction ── */

static void
declare (TpdClipText *self)
{
  const TpdClipTextConfig *config = &self->config;
  TpdParamStore *store = self->params;

  self->token_embedding =
      tpd_embedding_declare (store, PREFIX "embeddings.token_embedding", config->vocab_size,
                             config->hidden_size, TPD_INIT_TOKENS);
  self->position_embedding = tpd_embedding_declare (store, PREFIX "embeddings.position_embedding",
                                                    config->max_position_embeddings,
                                                    config->hidden_size, TPD_INIT_POSITIONS);
  self->layers = g_new (TpdClipTextLayer, config->num_hidden_layers);
  for (gint64 i = 0; i < config->num_hidden_layers; i++)
    {
      g_autofree char *prefix = g_strdup_printf (PREFIX "encoder.layers.%" G_GINT64_FORMAT, i);

      self->layers[i] = tpd_clip_text_layer_declare (store, prefix, config);
    }
  self->final_layer_norm = tpd_layer_norm_declare (store, PREFIX "final_layer_norm",
                                                   config->hidden_size, config->layer_norm_eps);
  for (guint i = 0; i < tpd_param_store_get_n (store); i++)
    {
      TpdParam *param = tpd_param_store_get (store, i);

      tpd_param_set_other_name (param, tpd_param_get_name (param) + strlen (PREFIX));
    }
}

TpdClipText *
tpd_clip_text_new (JsonObject *config, const char *where, GError **error)
{
  TpdClipTextConfig parsed;
  TpdClipText *self;

  g_return_val_if_fail (config != NULL, NULL);

  if (!tpd_clip_text_config_parse (&parsed, config, where, error))
    return NULL;
  self = g_object_new (TPD_TYPE_CLIP_TEXT, NULL);
  self->json = json_object_ref (config);
  self->config = parsed;
  declare (self);
  return self;
}

gint64
tpd_clip_text_get_vocab_size (TpdClipText *self)
{
  g_return_val_if_fail (TPD_IS_CLIP_TEXT (self), 0);
  return self->config.vocab_size;
}

gint64
tpd_clip_text_get_hidden_size (TpdClipText *self)
{
  g_return_val_if_fail (TPD_IS_CLIP_TEXT (self), 0);
  return self->config.hidden_size;
}

gint64
tpd_clip_text_get_max_length (TpdClipText *self)
{
  g_return_val_if_fail (TPD_IS_CLIP_TEXT (self), 0);
  return self->config.max_position_embeddings;
}

/* ── encoding ── */

static gboolean
check_ids (TpdClipText *self, TpdContext *ctx, const gint32 *ids, gint64 batch, gint64 length)
{
  const TpdClipTextConfig *config = &self->config;

  if (length < 1 || length > config->max_position_embeddings)
    {
      tpd_context_fail (ctx, TPD_ERROR_MISMATCH,
                        "text encoder: a text should be of 1 to %" G_GINT64_FORMAT
                        " tokens, but is of %" G_GINT64_FORMAT,
                        config->max_position_embeddings, length);
      return FALSE;
    }
  for (gint64 i = 0; i < batch * length; i++)
    if (ids[i] < 0 || ids[i] >= config->vocab_size)
      {
        tpd_context_fail (ctx, TPD_ERROR_MISMATCH,
                          "text encoder: token %d is not one of its %" G_GINT64_FORMAT
                          ": the tokenizer belongs to another model",
                          ids[i], config->vocab_size);
        return FALSE;
      }
  return TRUE;
}

/* [n] i32 in the current scope */
static TpdTensor *
upload (TpdContext *ctx, const gint32 *values, gint64 n)
{
  return tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_I32, TPD_SHAPE (n), values));
}

/* token_embedding (ids) + position_embedding → [B, L, D] */
static TpdTensor *
embed (TpdClipText *self, TpdContext *ctx, const gint32 *ids, gint64 batch, gint64 length)
{
  gint64 d = self->config.hidden_size;
  TpdTensor *tokens =
      tpd_embedding_apply (&self->token_embedding, ctx, upload (ctx, ids, batch * length));
  TpdTensor *positions =
      tpd_slice (ctx, tpd_param_read (self->position_embedding.weight, ctx), 0, 0, length, 1);

  tokens = tpd_reshape (ctx, tokens, TPD_SHAPE (batch, length, d));
  positions = tpd_reshape (ctx, positions, TPD_SHAPE (1, length, d));
  return tpd_add (ctx, tokens, tpd_expand (ctx, positions, TPD_SHAPE (batch, length, d)));
}

/* Where the text ends. Without an end token: the first position, as torch's argmax says. */
static gint64
find_end (TpdClipText *self, const gint32 *ids, gint64 length)
{
  gint64 largest = 0;

  if (self->config.eos_token_id == LEGACY_EOS_TOKEN_ID)
    {
      for (gint64 i = 1; i < length; i++)
        if (ids[i] > ids[largest])
          largest = i;
      return largest;
    }
  for (gint64 i = 0; i < length; i++)
    if (ids[i] == self->config.eos_token_id)
      return i;
  return 0;
}

/* The states at the ends of the texts, picked as an embedding picks rows → [B, D] */
static TpdTensor *
pool (TpdClipText *self, TpdContext *ctx, TpdTensor *states, const gint32 *ids, gint64 batch,
      gint64 length)
{
  g_autofree gint32 *rows = g_new (gint32, batch);

  for (gint64 b = 0; b < batch; b++)
    rows[b] = (gint32)(b * length + find_end (self, ids + b * length, length));
  return tpd_embedding (
      ctx, tpd_reshape (ctx, states, TPD_SHAPE (batch * length, self->config.hidden_size)),
      upload (ctx, rows, batch));
}

void
tpd_clip_text_encode (TpdClipText *self, TpdContext *ctx, const gint32 *ids, gint64 batch,
                      gint64 length, TpdTensor **states, TpdTensor **pooled)
{
  g_autofree gint32 *positions = NULL;
  TpdTensor *x, *order;

  g_return_if_fail (TPD_IS_CLIP_TEXT (self));
  g_return_if_fail (ids != NULL && batch >= 1 && states != NULL);

  if (!tpd_context_failed (ctx))
    check_ids (self, ctx, ids, batch, length);
  if (tpd_context_failed (ctx))
    {
      *states = tpd_zeros (ctx, TPD_F32, TPD_SHAPE (1, 1, 1));
      if (pooled != NULL)
        *pooled = *states;
      return;
    }
  positions = g_new (gint32, length);
  for (gint64 i = 0; i < length; i++)
    positions[i] = (gint32)i;
  order = upload (ctx, positions, length);

  x = embed (self, ctx, ids, batch, length);
  for (gint64 i = 0; i < self->config.num_hidden_layers; i++)
    x = tpd_clip_text_layer_apply (&self->layers[i], ctx, x, order);
  *states = tpd_layer_norm_apply (&self->final_layer_norm, ctx, x);
  if (pooled != NULL)
    *pooled = pool (self, ctx, *states, ids, batch, length);
}

/* ── GObject ── */

static TpdParamStore *
get_params (TpdComponent *component)
{
  return TPD_CLIP_TEXT (component)->params;
}

static JsonObject *
get_config (TpdComponent *component)
{
  return TPD_CLIP_TEXT (component)->json;
}

static void
component_iface_init (TpdComponentInterface *iface)
{
  iface->get_params = get_params;
  iface->get_config = get_config;
}

static void
tpd_clip_text_finalize (GObject *object)
{
  TpdClipText *self = TPD_CLIP_TEXT (object);

  g_clear_pointer (&self->layers, g_free);
  g_clear_pointer (&self->json, json_object_unref);
  g_clear_object (&self->params);
  G_OBJECT_CLASS (tpd_clip_text_parent_class)->finalize (object);
}

static void
tpd_clip_text_class_init (TpdClipTextClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_clip_text_finalize;
}

static void
tpd_clip_text_init (TpdClipText *self)
{
  self->params = tpd_param_store_new ();
}
