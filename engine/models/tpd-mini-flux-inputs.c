/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-mini-flux-inputs.h"

#include "../ops/tpd-op.h"

TpdTensor *
tpd_mini_flux_patch (TpdContext *ctx, TpdTensor *x)
{
  const gint64 *s = x->view.shape;
  gint64 batch = s[0], frames = s[1], channels = s[2], height = s[3] / 2, width = s[4] / 2;

  x = tpd_reshape (ctx, tpd_contiguous (ctx, x),
                   TPD_SHAPE (batch * frames, channels, height, 2, width, 2));
  x = tpd_contiguous (ctx, tpd_permute (ctx, x, TPD_ORDER (0, 2, 4, 3, 5, 1)));
  return tpd_reshape (ctx, x, TPD_SHAPE (batch, frames * height * width, 4 * channels));
}

TpdTensor *
tpd_mini_flux_unpatch (TpdContext *ctx, TpdTensor *tokens, const TpdTensor *like)
{
  const gint64 *s = like->view.shape;
  gint64 height = s[3] / 2, width = s[4] / 2;
  TpdTensor *x = tpd_reshape (ctx, tokens, TPD_SHAPE (s[0] * s[1], height, width, 2, 2, s[2]));

  x = tpd_contiguous (ctx, tpd_permute (ctx, x, TPD_ORDER (0, 5, 1, 3, 2, 4)));
  return tpd_reshape (ctx, x, 5, s);
}

TpdTensor *
tpd_mini_flux_segments (TpdContext *ctx, TpdTensor *mask, gint64 n)
{
  gint64 batch = mask->view.shape[0], length = mask->view.shape[1];
  TpdTensor *segment = tpd_zeros (ctx, TPD_I32, TPD_SHAPE (batch, n));

  tpd_copy_into (ctx, tpd_slice (ctx, segment, 1, 0, length, 1), mask);
  tpd_fill (ctx, tpd_slice (ctx, segment, 1, length, n, 1), 1);
  return segment;
}

static gboolean
fits (const TpdTensor *x, int n_dims, const gint64 *shape)
{
  if (x == NULL || x->view.n_dims != n_dims)
    return FALSE;
  for (int i = 0; i < n_dims; i++)
    if (shape[i] >= 0 && x->view.shape[i] != shape[i])
      return FALSE;
  return TRUE;
}

static void
refuse (TpdContext *ctx, const char *what, const char *expected, const TpdTensor *got)
{
  g_autofree char *shape = got != NULL ? tpd_tensor_shape_string (got) : g_strdup ("missing");

  tpd_context_fail (ctx, TPD_ERROR_MISMATCH, "miniFLUX transformer: %s should be %s, but is %s",
                    what, expected, shape);
}

gboolean
tpd_mini_flux_check_inputs (const TpdMiniFluxConfig *config, TpdContext *ctx, TpdTensor *x,
                            const TpdConditioning *conditioning)
{
  TpdTensor *text = conditioning->text, *mask = conditioning->mask, *pooled = conditioning->pooled;
  gint64 batch = x->view.shape[0];
  g_autofree char *expected = NULL;

  if (!fits (x, TPD_SHAPE (-1, -1, config->in_channels / 4, -1, -1)) || x->view.shape[3] % 2 != 0 ||
      x->view.shape[4] % 2 != 0)
    {
      expected =
          g_strdup_printf ("[B, F, %d, H, W] with even H and W", (int)config->in_channels / 4);
      refuse (ctx, "the clip", expected, x);
    }
  else if (!fits (text, TPD_SHAPE (batch, -1, config->joint_attention_dim)))
    {
      expected = g_strdup_printf ("[%d, L, %d]", (int)batch, (int)config->joint_attention_dim);
      refuse (ctx, "the text", expected, text);
    }
  else if (!fits (pooled, TPD_SHAPE (batch, config->pooled_projection_dim)))
    {
      expected = g_strdup_printf ("[%d, %d]", (int)batch, (int)config->pooled_projection_dim);
      refuse (ctx, "the pooled text", expected, pooled);
    }
  else if (mask != NULL && !fits (mask, TPD_SHAPE (batch, text->view.shape[1])))
    {
      expected = g_strdup_printf ("[%d, %d]", (int)batch, (int)text->view.shape[1]);
      refuse (ctx, "the text mask", expected, mask);
    }
  return !tpd_context_failed (ctx);
}
