/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-preview-projection.h"

#include "../nn/tpd-layers.h"

struct _TpdPreviewProjection
{
  GObject parent_instance;

  /* owned */
  TpdParamStore *params;

  TpdConv conv; /* its parameters are owned by params */
  gint64 factor;
};

G_DEFINE_FINAL_TYPE (TpdPreviewProjection, tpd_preview_projection, G_TYPE_OBJECT)

TpdPreviewProjection *
tpd_preview_projection_new (gint64 channels, gint64 factor)
{
  TpdPreviewProjection *self = g_object_new (TPD_TYPE_PREVIEW_PROJECTION, NULL);

  self->factor = factor;
  self->conv =
      tpd_conv_declare (self->params, NULL, channels, 3 * factor * factor, 3, 1, 1, TPD_INIT_ZERO);
  return self;
}

TpdParamStore *
tpd_preview_projection_get_params (TpdPreviewProjection *self)
{
  g_return_val_if_fail (TPD_IS_PREVIEW_PROJECTION (self), NULL);
  return self->params;
}

TpdTensor *
tpd_preview_projection_decode (TpdPreviewProjection *self, TpdContext *ctx, TpdTensor *latents)
{
  const gint64 *s = latents->view.shape, f = self->factor;
  TpdTensor *blocks;

  g_return_val_if_fail (TPD_IS_PREVIEW_PROJECTION (self), latents);

  blocks = tpd_conv_apply (&self->conv, ctx, tpd_permute (ctx, latents, TPD_ORDER (0, 2, 3, 1)));
  /* [N, h, w, (3, f, f)] → [N, (h, f), (w, f), 3] */
  blocks = tpd_reshape (ctx, blocks, TPD_SHAPE (s[0] * s[2], s[3], 3, f, f));
  blocks = tpd_contiguous (ctx, tpd_permute (ctx, blocks, TPD_ORDER (0, 3, 1, 4, 2)));
  return tpd_reshape (ctx, blocks, TPD_SHAPE (s[0], s[2] * f, s[3] * f, 3));
}

static void
tpd_preview_projection_finalize (GObject *object)
{
  g_clear_object (&TPD_PREVIEW_PROJECTION (object)->params);
  G_OBJECT_CLASS (tpd_preview_projection_parent_class)->finalize (object);
}

static void
tpd_preview_projection_class_init (TpdPreviewProjectionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_preview_projection_finalize;
}

static void
tpd_preview_projection_init (TpdPreviewProjection *self)
{
  self->params = tpd_param_store_new ();
}
