/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tensor-fixture.h"

static const TpdConvGeometry same = {1, 1, 1, 1, 1}, uneven = {2, 0, 1, 0, 1};

static TpdTensor *
ones (TpdContext *ctx, int n_dims, const gint64 *shape)
{
  TpdTensor *x = counting (ctx, n_dims, shape);

  tpd_fill (ctx, x, 1);
  return x;
}

/* ── values ── */

static void
test_conv2d (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x = ones (ctx, TPD_SHAPE (1, 3, 4, 2)), *w = ones (ctx, TPD_SHAPE (1, 3, 3, 2));
  TpdTensor *b = ones (ctx, TPD_SHAPE (1));

  /* how many taps fall into the image, times two channels */
  assert_elements (ctx, tpd_conv2d (ctx, x, w, NULL, same), 8, 12, 12, 8, 12, 18, 18, 12, 8, 12, 12,
                   8);
  /* rows 0 … 2 and 2 … 4 of 4 × 5, the padded ones without weight */
  assert_elements (ctx, tpd_conv2d (ctx, x, w, b, uneven), 19, 13);
}

static void
test_upsample2x (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;

  assert_elements (ctx, tpd_upsample2x (ctx, counting (ctx, TPD_SHAPE (1, 1, 2, 2))), 0, 1, 0, 1, 2,
                   3, 2, 3, 0, 1, 0, 1, 2, 3, 2, 3);
}

/* ── gradients ── */

static TpdTensor *
conv2d (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_conv2d (ctx, in[0], in[1], in[2], same);
}

static TpdTensor *
conv2d_uneven (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_conv2d (ctx, in[0], in[1], NULL, uneven);
}

/* An input that gets gradients from two places, and one that is permuted. */
static TpdTensor *
upsampled (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *x = tpd_permute (ctx, in[0], TPD_ORDER (0, 2, 1, 3));
  TpdTensor *y = tpd_conv2d (ctx, tpd_upsample2x (ctx, x), in[1], in[2], uneven);

  return tpd_add (ctx, y, tpd_conv2d (ctx, x, in[1], NULL, same));
}

static void
test_gradients (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *in[] = {random_tensor (ctx, 1, TPD_SHAPE (2, 3, 4, 2)),
                     random_tensor (ctx, 2, TPD_SHAPE (3, 3, 3, 2)),
                     random_tensor (ctx, 3, TPD_SHAPE (3))};

  assert_gradients (ctx, conv2d, in, 3);
  assert_gradients (ctx, conv2d_uneven, in, 2);
  assert_gradients (ctx, upsampled, in, 3);
}

/* ── refusals ── */

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x = counting (ctx, TPD_SHAPE (1, 2, 4, 2)),
            *w = counting (ctx, TPD_SHAPE (3, 3, 3, 2));
  TpdTensor *b = counting (ctx, TPD_SHAPE (2));

  tpd_conv2d (ctx, x, counting (ctx, TPD_SHAPE (3, 3, 3, 4)), NULL, same);
  assert_failure (ctx, TPD_ERROR_MISMATCH,
                  "conv2d: weight has shape [3, 3, 3, 4], expected [any, any, any, 2]");
  tpd_conv2d (ctx, x, w, b, same);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "conv2d: bias has shape [2], expected [3]");
  tpd_conv2d (ctx, x, w, NULL, (TpdConvGeometry){0});
  assert_failure (ctx, TPD_ERROR_MISMATCH, "conv2d: stride 0 is below 1");
  tpd_conv2d (ctx, x, w, NULL, (TpdConvGeometry){1, -1, 2, 0, 0});
  assert_failure (ctx, TPD_ERROR_MISMATCH, "conv2d: padding is negative");
  tpd_conv2d (ctx, x, w, NULL, (TpdConvGeometry){1, 0, 0, 0, 0});
  assert_failure (ctx, TPD_ERROR_MISMATCH,
                  "conv2d: an image of 4x2 pixels is smaller than the 3x3 kernel");
  tpd_upsample2x (ctx, b);
  assert_failure (ctx, TPD_ERROR_MISMATCH,
                  "upsample2x: x has shape [2], expected [any, any, any, any]");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/op-conv/conv2d", test_conv2d);
  fixture_add ("/op-conv/upsample2x", test_upsample2x);
  fixture_add ("/op-conv/gradients", test_gradients);
  fixture_add ("/op-conv/refusals", test_refusals);
  return g_test_run ();
}
