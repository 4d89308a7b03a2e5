/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-autoencoder-kl.h"

#include "../core/tpd-tape.h"
#include "tpd-vae-coder.h"

/* So much memory one chunk of images may take, roughly. */
#define CHUNK_BYTES (256 * 1024 * 1024)
/* So many activations of the largest kind are alive at once: a resnet's input, its output, and what
 * lies between. */
#define LIVE_ACTIVATIONS 5

struct _TpdAutoencoderKl
{
  GObject parent_instance;

  /* owned */
  JsonObject *json;
  TpdParamStore *params;

  /* layers; their parameters are owned by params */
  TpdVaeEncoder encoder;
  TpdVaeDecoder decoder;
  TpdConv quant_conv, post_quant_conv;

  /* state */
  TpdVaeConfig config;
  guint images_per_chunk; /* 0: by CHUNK_BYTES */
};

enum
{
  PROP_IMAGES_PER_CHUNK = 1,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

static void component_iface_init (TpdComponentInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TpdAutoencoderKl, tpd_autoencoder_kl, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (TPD_TYPE_COMPONENT, component_iface_init))

TpdAutoencoderKl *
tpd_autoencoder_kl_new (JsonObject *config, const char *where, GError **error)
{
  TpdVaeConfig parsed;
  TpdAutoencoderKl *self;

  g_return_val_if_fail (config != NULL, NULL);

  if (!tpd_vae_config_parse (&parsed, config, where, error))
    return NULL;
  self = g_object_new (TPD_TYPE_AUTOENCODER_KL, NULL);
  self->json = json_object_ref (config);
  self->config = parsed;
  tpd_vae_encoder_declare (&self->encoder, self->params, &parsed);
  tpd_vae_decoder_declare (&self->decoder, self->params, &parsed);
  if (parsed.use_quant_conv)
    self->quant_conv =
        tpd_conv_declare (self->params, "quant_conv", 2 * parsed.latent_channels,
                          2 * parsed.latent_channels, 1, 1, 0, TPD_INIT_XAVIER_UNIFORM);
  if (parsed.use_post_quant_conv)
    self->post_quant_conv =
        tpd_conv_declare (self->params, "post_quant_conv", parsed.latent_channels,
                          parsed.latent_channels, 1, 1, 0, TPD_INIT_XAVIER_UNIFORM);
  return self;
}

gint64
tpd_autoencoder_kl_get_latent_channels (TpdAutoencoderKl *self)
{
  g_return_val_if_fail (TPD_IS_AUTOENCODER_KL (self), 0);
  return self->config.latent_channels;
}

gint64
tpd_autoencoder_kl_get_factor (TpdAutoencoderKl *self)
{
  g_return_val_if_fail (TPD_IS_AUTOENCODER_KL (self), 0);
  return (gint64)1 << (self->config.n_blocks - 1);
}

/* The largest activations are those at full resolution, where the decoder still has the channels of
 * the resolution below. */
gint64
tpd_autoencoder_kl_get_chunk (TpdAutoencoderKl *self, gint64 height, gint64 width)
{
  const gint64 *channels = self->config.block_out_channels;
  gint64 widest = self->config.n_blocks > 1 ? MAX (channels[0], channels[1]) : channels[0];
  double bytes = (double)height * (double)width * (double)widest * sizeof (float);

  g_return_val_if_fail (TPD_IS_AUTOENCODER_KL (self), 1);
  if (self->images_per_chunk > 0)
    return self->images_per_chunk;
  return MAX (1, (gint64)(CHUNK_BYTES / (LIVE_ACTIVATIONS * MAX (bytes, 1))));
}

/* ── the two networks ── */

/* Kernels work channels last; the rest of the program has channels before rows and columns. */
static TpdTensor *
channels_first (TpdContext *ctx, TpdTensor *x)
{
  return tpd_permute (ctx, x, TPD_ORDER (0, 3, 1, 2));
}

static TpdTensor *
channels_last (TpdContext *ctx, TpdTensor *x)
{
  return tpd_permute (ctx, x, TPD_ORDER (0, 2, 3, 1));
}

static gboolean
check_images (TpdAutoencoderKl *self, TpdContext *ctx, TpdTensor *images)
{
  const gint64 *shape = images->view.shape;
  gint64 factor = tpd_autoencoder_kl_get_factor (self);
  g_autofree char *got = NULL;

  if (tpd_context_failed (ctx))
    return FALSE;
  if (images->view.n_dims == 4 && shape[1] % factor == 0 && shape[2] % factor == 0 &&
      shape[3] == self->config.in_channels)
    return TRUE;
  got = tpd_tensor_shape_string (images);
  tpd_context_fail (ctx, TPD_ERROR_MISMATCH,
                    "autoencoder: images should be [N, H, W, 3] with H and W multiples of "
                    "%" G_GINT64_FORMAT ", but are %s",
                    factor, got);
  return FALSE;
}

static gboolean
check_latents (TpdAutoencoderKl *self, TpdContext *ctx, TpdTensor *z)
{
  g_autofree char *got = NULL;

  if (tpd_context_failed (ctx))
    return FALSE;
  if (z->view.n_dims == 4 && z->view.shape[1] == self->config.latent_channels)
    return TRUE;
  got = tpd_tensor_shape_string (z);
  tpd_context_fail (ctx, TPD_ERROR_MISMATCH,
                    "autoencoder: latents should be [N, %" G_GINT64_FORMAT ", h, w], but are %s",
                    self->config.latent_channels, got);
  return FALSE;
}

void
tpd_autoencoder_kl_encode (TpdAutoencoderKl *self, TpdContext *ctx, TpdTensor *images,
                           TpdTensor **mean, TpdTensor **logvar)
{
  gint64 channels = self->config.latent_channels;
  TpdTensor *moments;

  g_return_if_fail (TPD_IS_AUTOENCODER_KL (self));

  *mean = *logvar = images;
  if (!check_images (self, ctx, images))
    return;
  moments = tpd_vae_encoder_apply (&self->encoder, ctx, images);
  if (self->config.use_quant_conv)
    moments = tpd_conv_apply (&self->quant_conv, ctx, moments);
  moments = channels_first (ctx, moments);
  *mean = tpd_slice (ctx, moments, 1, 0, channels, 1);
  *logvar = tpd_slice (ctx, moments, 1, channels, 2 * channels, 1);
}

TpdTensor *
tpd_autoencoder_kl_sample (TpdContext *ctx, TpdTensor *mean, TpdTensor *logvar, guint64 seed,
                           guint64 offset)
{
  TpdTensor *noise =
      tpd_randn (ctx, mean->view.dtype, mean->view.n_dims, mean->view.shape, seed, offset);
  TpdTensor *deviation = tpd_act (ctx, tpd_scale (ctx, logvar, 0.5), TPD_ACT_EXP);

  return tpd_add (ctx, mean, tpd_mul (ctx, deviation, noise));
}

TpdTensor *
tpd_autoencoder_kl_divergence (TpdContext *ctx, TpdTensor *mean, TpdTensor *logvar)
{
  TpdTensor *square = tpd_mean (ctx, tpd_act (ctx, mean, TPD_ACT_SQUARE));
  TpdTensor *variance = tpd_mean (ctx, tpd_act (ctx, logvar, TPD_ACT_EXP));
  TpdTensor *one = tpd_zeros (ctx, square->view.dtype, 1, square->view.shape);
  TpdTensor *rest;

  tpd_fill (ctx, one, 1);
  rest = tpd_add (ctx, one, tpd_mean (ctx, logvar));
  return tpd_lincomb (ctx, 0.5, tpd_add (ctx, square, variance), -0.5, rest);
}

TpdTensor *
tpd_autoencoder_kl_decode (TpdAutoencoderKl *self, TpdContext *ctx, TpdTensor *z)
{
  g_return_val_if_fail (TPD_IS_AUTOENCODER_KL (self), z);

  if (!check_latents (self, ctx, z))
    return z;
  z = channels_last (ctx, z);
  if (self->config.use_post_quant_conv)
    z = tpd_conv_apply (&self->post_quant_conv, ctx, z);
  return tpd_vae_decoder_apply (&self->decoder, ctx, z);
}

/* ── between images and what denoisers see ── */

/* a · x + b */
static TpdTensor *
affine (TpdContext *ctx, TpdTensor *x, double a, double b)
{
  TpdTensor *ones;

  if (b == 0)
    return tpd_scale (ctx, x, a);
  ones = tpd_zeros (ctx, x->view.dtype, x->view.n_dims, x->view.shape);
  tpd_fill (ctx, ones, 1);
  return tpd_lincomb (ctx, a, x, b, ones);
}

static TpdTensor *
encode_chunk (TpdAutoencoderKl *self, TpdContext *ctx, TpdTensor *images)
{
  double scaling = self->config.scaling_factor, shift = self->config.shift_factor;
  TpdTensor *mean, *logvar;

  tpd_autoencoder_kl_encode (self, ctx, images, &mean, &logvar);
  return affine (ctx, mean, scaling, -shift * scaling);
}

TpdTensor *
tpd_autoencoder_kl_unscale (TpdAutoencoderKl *self, TpdContext *ctx, TpdTensor *latents)
{
  return affine (ctx, latents, 1 / self->config.scaling_factor, self->config.shift_factor);
}

static TpdTensor *
decode_chunk (TpdAutoencoderKl *self, TpdContext *ctx, TpdTensor *latents)
{
  return tpd_autoencoder_kl_decode (self, ctx, tpd_autoencoder_kl_unscale (self, ctx, latents));
}

/* y[i] = convert (x[i]) for all images i, a chunk at a time. y: in the current scope */
static TpdTensor *
convert_in_chunks (TpdAutoencoderKl *self, TpdContext *ctx, TpdTensor *x, TpdTensor *y,
                   gint64 chunk,
                   TpdTensor *(*convert) (TpdAutoencoderKl *, TpdContext *, TpdTensor *))
{
  TpdTape *tape = tpd_context_get_tape (ctx);
  gint64 n = x->view.shape[0];

  tpd_context_set_tape (ctx, NULL);
  for (gint64 start = 0; start < n && !tpd_context_failed (ctx); start += chunk)
    {
      gint64 end = MIN (start + chunk, n);
      TpdTensor *part;

      tpd_context_push_scope (ctx);
      part = convert (self, ctx, tpd_slice (ctx, x, 0, start, end, 1));
      tpd_copy_into (ctx, tpd_slice (ctx, y, 0, start, end, 1), part);
      tpd_context_pop_scope (ctx, NULL);
    }
  tpd_context_set_tape (ctx, tape);
  return y;
}

TpdTensor *
tpd_autoencoder_kl_encode_images (TpdAutoencoderKl *self, TpdContext *ctx, TpdTensor *images)
{
  const gint64 *s = images->view.shape;
  gint64 factor = tpd_autoencoder_kl_get_factor (self);
  TpdTensor *latents;

  g_return_val_if_fail (TPD_IS_AUTOENCODER_KL (self), images);

  if (!check_images (self, ctx, images))
    return images;
  latents =
      tpd_zeros (ctx, images->view.dtype,
                 TPD_SHAPE (s[0], self->config.latent_channels, s[1] / factor, s[2] / factor));
  return convert_in_chunks (self, ctx, images, latents,
                            tpd_autoencoder_kl_get_chunk (self, s[1], s[2]), encode_chunk);
}

TpdTensor *
tpd_autoencoder_kl_decode_latents (TpdAutoencoderKl *self, TpdContext *ctx, TpdTensor *latents)
{
  const gint64 *s = latents->view.shape;
  gint64 factor = tpd_autoencoder_kl_get_factor (self);
  TpdTensor *images;

  g_return_val_if_fail (TPD_IS_AUTOENCODER_KL (self), latents);

  if (!check_latents (self, ctx, latents))
    return latents;
  images = tpd_zeros (ctx, latents->view.dtype,
                      TPD_SHAPE (s[0], s[2] * factor, s[3] * factor, self->config.out_channels));
  return convert_in_chunks (self, ctx, latents, images,
                            tpd_autoencoder_kl_get_chunk (self, s[2] * factor, s[3] * factor),
                            decode_chunk);
}

/* ── GObject ── */

static TpdParamStore *
get_params (TpdComponent *component)
{
  return TPD_AUTOENCODER_KL (component)->params;
}

static JsonObject *
get_config (TpdComponent *component)
{
  return TPD_AUTOENCODER_KL (component)->json;
}

static void
component_iface_init (TpdComponentInterface *iface)
{
  iface->get_params = get_params;
  iface->get_config = get_config;
}

static void
tpd_autoencoder_kl_finalize (GObject *object)
{
  TpdAutoencoderKl *self = TPD_AUTOENCODER_KL (object);

  tpd_vae_encoder_clear (&self->encoder);
  tpd_vae_decoder_clear (&self->decoder);
  g_clear_pointer (&self->json, json_object_unref);
  g_clear_object (&self->params);
  G_OBJECT_CLASS (tpd_autoencoder_kl_parent_class)->finalize (object);
}

static void
tpd_autoencoder_kl_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_IMAGES_PER_CHUNK)
    g_value_set_uint (value, TPD_AUTOENCODER_KL (object)->images_per_chunk);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tpd_autoencoder_kl_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_IMAGES_PER_CHUNK)
    TPD_AUTOENCODER_KL (object)->images_per_chunk = g_value_get_uint (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tpd_autoencoder_kl_class_init (TpdAutoencoderKlClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = tpd_autoencoder_kl_finalize;
  object_class->get_property = tpd_autoencoder_kl_get_property;
  object_class->set_property = tpd_autoencoder_kl_set_property;

  /**
   * TpdAutoencoderKl:images-per-chunk:
   *
   * How many images are encoded or decoded at once where no gradient is needed; fewer take less
   * memory. 0 chooses by their size.
   */
  props[PROP_IMAGES_PER_CHUNK] = g_param_spec_uint ("images-per-chunk", NULL, NULL, 0, G_MAXUINT, 0,
                                                    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
tpd_autoencoder_kl_init (TpdAutoencoderKl *self)
{
  self->params = tpd_param_store_new ();
}
