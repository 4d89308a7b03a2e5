/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-mini-flux.h"

#include "../core/tpd-tape.h"
#include "tpd-mini-flux-block.h"
#include "tpd-mini-flux-inputs.h"
#include "tpd-mini-flux-positions.h"

/* Width of the sinusoidal timestep embedding. */
#define TIMESTEP_CHANNELS 256

struct _TpdMiniFlux
{
  GObject parent_instance;

  /* owned */
  JsonObject *json;
  TpdParamStore *params;
  TpdMiniFluxPositionCache *positions;
  TpdMiniFluxDoubleBlock *double_blocks; /* config.num_layers */
  TpdMiniFluxSingleBlock *single_blocks; /* config.num_single_layers */

  /* layers; their parameters are owned by params */
  TpdLinear timestep_1, timestep_2;
  TpdLinear pooled_1, pooled_2;
  TpdLinear context_embedder;
  TpdLinear x_embedder;
  TpdLinear pos_embedder; /* config.use_pos_embed */
  TpdLinear norm_out;
  TpdLinear proj_out;

  /* state */
  TpdMiniFluxConfig config;
  gboolean checkpointing;
};

enum
{
  PROP_ACTIVATION_CHECKPOINTING = 1,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

static void component_iface_init (TpdComponentInterface *iface);
static void denoiser_iface_init (TpdDenoiserInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TpdMiniFlux, tpd_mini_flux, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (TPD_TYPE_COMPONENT, component_iface_init)
                                   G_IMPLEMENT_INTERFACE (TPD_TYPE_DENOISER, denoiser_iface_init))

/* ── construction ── */

static void
declare_embedders (TpdMiniFlux *self)
{
  const TpdMiniFluxConfig *config = &self->config;
  gint64 dim = config->num_attention_heads * config->attention_head_dim;
  TpdParamStore *store = self->params;

  self->timestep_1 = tpd_linear_declare (store, "time_text_embed.timestep_embedder.linear_1",
                                         TIMESTEP_CHANNELS, dim, TRUE, TPD_INIT_XAVIER_UNIFORM);
  self->timestep_2 = tpd_linear_declare (store, "time_text_embed.timestep_embedder.linear_2", dim,
                                         dim, TRUE, TPD_INIT_XAVIER_UNIFORM);
  self->pooled_1 =
      tpd_linear_declare (store, "time_text_embed.text_embedder.linear_1",
                          config->pooled_projection_dim, dim, TRUE, TPD_INIT_XAVIER_UNIFORM);
  self->pooled_2 = tpd_linear_declare (store, "time_text_embed.text_embedder.linear_2", dim, dim,
                                       TRUE, TPD_INIT_XAVIER_UNIFORM);
  self->context_embedder = tpd_linear_declare (
      store, "context_embedder", config->joint_attention_dim, dim, TRUE, TPD_INIT_XAVIER_UNIFORM);
  self->x_embedder = tpd_linear_declare (store, "x_embedder", config->in_channels, dim, TRUE,
                                         TPD_INIT_XAVIER_UNIFORM);
  if (config->use_pos_embed)
    self->pos_embedder =
        tpd_linear_declare (store, "pos_embedder", tpd_mini_flux_n_position_features (config), dim,
                            FALSE, TPD_INIT_XAVIER_UNIFORM);
  self->norm_out = tpd_linear_declare (store, "norm_out.linear", dim, 2 * dim, TRUE, TPD_INIT_ZERO);
  self->proj_out =
      tpd_linear_declare (store, "proj_out", dim, config->in_channels, TRUE, TPD_INIT_ZERO);
}

static void
declare_blocks (TpdMiniFlux *self)
{
  const TpdMiniFluxConfig *config = &self->config;

  self->double_blocks = g_new (TpdMiniFluxDoubleBlock, config->num_layers);
  for (gint64 i = 0; i < config->num_layers; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("transformer_blocks.%" G_GINT64_FORMAT, i);

      self->double_blocks[i] = tpd_mini_flux_double_block_declare (self->params, prefix, config);
    }
  self->single_blocks = g_new (TpdMiniFluxSingleBlock, config->num_single_layers);
  for (gint64 i = 0; i < config->num_single_layers; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("single_transformer_blocks.%" G_GINT64_FORMAT, i);

      self->single_blocks[i] = tpd_mini_flux_single_block_declare (self->params, prefix, config);
    }
}

TpdMiniFlux *
tpd_mini_flux_new (JsonObject *config, const char *where, GError **error)
{
  TpdMiniFluxConfig parsed;
  TpdMiniFlux *self;

  g_return_val_if_fail (config != NULL, NULL);

  if (!tpd_mini_flux_config_parse (&parsed, config, where, error))
    return NULL;
  self = g_object_new (TPD_TYPE_MINI_FLUX, NULL);
  self->json = json_object_ref (config);
  self->config = parsed;
  declare_embedders (self);
  declare_blocks (self);
  return self;
}

/* ── one forward pass ── */

/* silu of what the timestep and the pooled text say → [B, D] */
static TpdTensor *
embed_conditioning (TpdMiniFlux *self, TpdContext *ctx, gint64 batch, const double *timesteps,
                    TpdTensor *pooled)
{
  g_autofree float *values = g_new (float, batch);
  TpdTensor *t, *time, *text;

  for (gint64 i = 0; i < batch; i++)
    values[i] = (float)timesteps[i];
  t = tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (batch), values));
  time = tpd_timestep_embed (ctx, t, TIMESTEP_CHANNELS, 0);
  time = tpd_act (ctx, tpd_linear_apply (&self->timestep_1, ctx, time), TPD_ACT_SILU);
  time = tpd_linear_apply (&self->timestep_2, ctx, time);
  text = tpd_act (ctx, tpd_linear_apply (&self->pooled_1, ctx, pooled), TPD_ACT_SILU);
  text = tpd_linear_apply (&self->pooled_2, ctx, text);
  return tpd_act (ctx, tpd_add (ctx, time, text), TPD_ACT_SILU);
}

/* What video tokens are told of their positions: [B, frames · height · width, D] */
static TpdTensor *
embed_positions (TpdMiniFlux *self, TpdContext *ctx, TpdTensor *features, gint64 batch)
{
  TpdTensor *rows = tpd_linear_apply (&self->pos_embedder, ctx, features);
  const gint64 n = rows->view.shape[0], dim = rows->view.shape[1];

  rows = tpd_reshape (ctx, rows, 3, (gint64[]){1, n, dim});
  return tpd_expand (ctx, rows, 3, (gint64[]){batch, n, dim});
}

/* ── blocks, with or without keeping their activations ── */

/* Order of a block's inputs when it goes through tpd_checkpoint(). */
enum
{
  IN_CONDITIONING,
  IN_COS,
  IN_SIN,
  IN_SEGMENT,
  IN_ORDER,
  IN_TOKENS,
  IN_VIDEO, /* double blocks only; tokens are then the text */
  N_IN,
};

static TpdMiniFluxPass
pass_of_inputs (TpdTensor *const *in)
{
  return (TpdMiniFluxPass){in[IN_CONDITIONING], in[IN_COS], in[IN_SIN], in[IN_SEGMENT],
                           in[IN_ORDER]};
}

/* A checkpoint has one output: [text; video]. */
static TpdTensor *
checkpointed_double_block (TpdContext *ctx, TpdTensor *const *in, gpointer data)
{
  TpdMiniFluxPass pass = pass_of_inputs (in);
  TpdTensor *streams[2] = {in[IN_TOKENS], in[IN_VIDEO]};

  tpd_mini_flux_double_block_apply (data, ctx, &pass, &streams[0], &streams[1]);
  return tpd_concat (ctx, streams, 2, 1);
}

static TpdTensor *
checkpointed_single_block (TpdContext *ctx, TpdTensor *const *in, gpointer data)
{
  TpdMiniFluxPass pass = pass_of_inputs (in);

  return tpd_mini_flux_single_block_apply (data, ctx, &pass, in[IN_TOKENS]);
}

static void
run_double_block (TpdMiniFlux *self, TpdContext *ctx, gint64 i, const TpdMiniFluxPass *pass,
                  TpdTensor **text, TpdTensor **video)
{
  TpdMiniFluxDoubleBlock *block = &self->double_blocks[i];
  gint64 length = (*text)->view.shape[1], n = length + (*video)->view.shape[1];
  TpdTensor *in[N_IN] = {pass->conditioning, pass->cos, pass->sin, pass->segment,
                         pass->order,        *text,     *video};
  TpdTensor *tokens;

  if (!self->checkpointing || tpd_context_get_tape (ctx) == NULL)
    {
      tpd_mini_flux_double_block_apply (block, ctx, pass, text, video);
      return;
    }
  tokens = tpd_checkpoint (ctx, checkpointed_double_block, in, N_IN, block);
  *text = tpd_slice (ctx, tokens, 1, 0, length, 1);
  *video = tpd_slice (ctx, tokens, 1, length, n, 1);
}

static TpdTensor *
run_single_block (TpdMiniFlux *self, TpdContext *ctx, gint64 i, const TpdMiniFluxPass *pass,
                  TpdTensor *tokens)
{
  TpdMiniFluxSingleBlock *block = &self->single_blocks[i];
  TpdTensor *in[N_IN] = {pass->conditioning, pass->cos, pass->sin, pass->segment,
                         pass->order,        tokens,    NULL};

  if (!self->checkpointing || tpd_context_get_tape (ctx) == NULL)
    return tpd_mini_flux_single_block_apply (block, ctx, pass, tokens);
  return tpd_checkpoint (ctx, checkpointed_single_block, in, N_IN, block);
}

/* Hands two tensors to the outer scope and frees the block's intermediate ones. */
static void
pop_scope_keeping (TpdContext *ctx, TpdTensor *a, TpdTensor *b)
{
  tpd_tensor_ref (a);
  tpd_context_pop_scope (ctx, b);
  tpd_context_own (ctx, a);
}

static TpdTensor *
run_blocks (TpdMiniFlux *self, TpdContext *ctx, const TpdMiniFluxPass *pass, TpdTensor *text,
            TpdTensor *video)
{
  TpdTensor *tokens;

  for (gint64 i = 0; i < self->config.num_layers; i++)
    {
      tpd_context_push_scope (ctx);
      run_double_block (self, ctx, i, pass, &text, &video);
      pop_scope_keeping (ctx, text, video);
    }
  tokens = tpd_concat (ctx, (TpdTensor *[]){text, video}, 2, 1);
  for (gint64 i = 0; i < self->config.num_single_layers; i++)
    {
      tpd_context_push_scope (ctx);
      tokens = tpd_context_pop_scope (ctx, run_single_block (self, ctx, i, pass, tokens));
    }
  return tokens;
}

static TpdTensor *
tpd_mini_flux_predict (TpdDenoiser *denoiser, TpdContext *ctx, TpdTensor *x,
                       const double *timesteps, guint frame_stride,
                       const TpdConditioning *conditioning)
{
  static const TpdConditioning nothing = {NULL};
  TpdMiniFlux *self = TPD_MINI_FLUX (denoiser);
  TpdMiniFluxPositions positions;
  TpdMiniFluxPass pass = {NULL};
  TpdMiniFluxGrid grid;
  TpdTensor *text, *video, *tokens, *modulation;
  gint64 n;

  if (conditioning == NULL)
    conditioning = &nothing;
  if (tpd_context_failed (ctx) || !tpd_mini_flux_check_inputs (&self->config, ctx, x, conditioning))
    return x;

  tpd_context_push_scope (ctx);
  grid = (TpdMiniFluxGrid){
      .text_length = conditioning->text->view.shape[1],
      .frames = x->view.shape[1],
      .height = x->view.shape[3] / 2,
      .width = x->view.shape[4] / 2,
      .frame_stride = frame_stride,
  };
  n = grid.text_length + grid.frames * grid.height * grid.width;
  positions = tpd_mini_flux_position_cache_get (self->positions, ctx, &self->config, &grid);
  pass.cos = positions.cos;
  pass.sin = positions.sin;
  pass.order = self->config.use_temporal_causal ? positions.order : NULL;
  pass.segment =
      conditioning->mask != NULL ? tpd_mini_flux_segments (ctx, conditioning->mask, n) : NULL;
  pass.conditioning =
      embed_conditioning (self, ctx, x->view.shape[0], timesteps, conditioning->pooled);

  text = tpd_linear_apply (&self->context_embedder, ctx, conditioning->text);
  video = tpd_linear_apply (&self->x_embedder, ctx, tpd_mini_flux_patch (ctx, x));
  if (self->config.use_pos_embed)
    video = tpd_add (ctx, video, embed_positions (self, ctx, positions.features, x->view.shape[0]));
  tokens = run_blocks (self, ctx, &pass, text, video);

  video = tpd_slice (ctx, tokens, 1, grid.text_length, n, 1);
  modulation = tpd_linear_apply (&self->norm_out, ctx, pass.conditioning);
  video = tpd_layer_norm_modulate (ctx, video, tpd_mini_flux_part (ctx, modulation, 0, 2),
                                   tpd_mini_flux_part (ctx, modulation, 1, 2), TPD_MINI_FLUX_EPS);
  video = tpd_linear_apply (&self->proj_out, ctx, video);
  return tpd_context_pop_scope (ctx, tpd_mini_flux_unpatch (ctx, video, x));
}

static void
denoiser_iface_init (TpdDenoiserInterface *iface)
{
  iface->predict = tpd_mini_flux_predict;
}

/* ── component ── */

static TpdParamStore *
tpd_mini_flux_get_params (TpdComponent *component)
{
  return TPD_MINI_FLUX (component)->params;
}

static JsonObject *
tpd_mini_flux_get_config (TpdComponent *component)
{
  return TPD_MINI_FLUX (component)->json;
}

static void
component_iface_init (TpdComponentInterface *iface)
{
  iface->get_params = tpd_mini_flux_get_params;
  iface->get_config = tpd_mini_flux_get_config;
}

/* ── object ── */

static void
tpd_mini_flux_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TpdMiniFlux *self = TPD_MINI_FLUX (object);

  switch (id)
    {
    case PROP_ACTIVATION_CHECKPOINTING:
      g_value_set_boolean (value, self->checkpointing);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
tpd_mini_flux_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TpdMiniFlux *self = TPD_MINI_FLUX (object);

  switch (id)
    {
    case PROP_ACTIVATION_CHECKPOINTING:
      self->checkpointing = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
tpd_mini_flux_finalize (GObject *object)
{
  TpdMiniFlux *self = TPD_MINI_FLUX (object);

  g_clear_pointer (&self->json, json_object_unref);
  g_clear_object (&self->params);
  tpd_mini_flux_position_cache_free (self->positions);
  g_free (self->double_blocks);
  g_free (self->single_blocks);
  G_OBJECT_CLASS (tpd_mini_flux_parent_class)->finalize (object);
}

static void
tpd_mini_flux_class_init (TpdMiniFluxClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tpd_mini_flux_get_property;
  object_class->set_property = tpd_mini_flux_set_property;
  object_class->finalize = tpd_mini_flux_finalize;

  /**
   * TpdMiniFlux:activation-checkpointing:
   *
   * Whether training keeps only the blocks' inputs and runs each block a second time in the
   * backward pass: a third more work for a fraction of the memory.
   */
  props[PROP_ACTIVATION_CHECKPOINTING] = g_param_spec_boolean (
      "activation-checkpointing", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
tpd_mini_flux_init (TpdMiniFlux *self)
{
  self->params = tpd_param_store_new ();
  self->positions = tpd_mini_flux_position_cache_new ();
}
