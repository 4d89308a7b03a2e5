/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tensor-fixture.h"

#define SCALE 0.7

static TpdTensor *
integers (TpdContext *ctx, int n_dims, const gint64 *shape, const gint32 *values)
{
  return tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_I32, n_dims, shape, values));
}

/* ── values ── */

/* A quarter turn takes (1, 0) to (0, 1); each token has its own angle. */
static void
test_rope (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  const gint64 shape[] = {1, 2, 1, 2}, angles[] = {2, 1};
  TpdTensor *x = tpd_context_own (
      ctx, tpd_tensor_new_from_host (ctx, TPD_F64, 4, shape, (double[]){3, 5, 3, 5}));
  TpdTensor *cos =
      tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_F64, 2, angles, (double[]){1, 0}));
  TpdTensor *sin =
      tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_F64, 2, angles, (double[]){0, 1}));

  assert_elements (ctx, tpd_rope (ctx, x, cos, sin), 3, 5, -5, 3);
}

/* A query that sees one key alone gets its value. */
static void
test_masks (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *v = counting (ctx, TPD_SHAPE (1, 3, 1, 2));
  TpdTensor *q = random_tensor (ctx, 1, TPD_SHAPE (1, 3, 1, 2));
  TpdTensor *apart = integers (ctx, TPD_SHAPE (1, 3), (gint32[]){4, 2, 7});
  TpdTensor *causal = integers (ctx, TPD_SHAPE (3), (gint32[]){0, 1, 2});
  g_autofree double *first = NULL;

  assert_elements (ctx, tpd_attention (ctx, q, q, v, apart, NULL, SCALE), 0, 1, 2, 3, 4, 5);
  first = elements (ctx, tpd_attention (ctx, q, q, v, NULL, causal, SCALE));
  g_assert_cmpfloat (first[0], ==, 0);
  g_assert_cmpfloat (first[1], ==, 1);
  g_assert_cmpfloat (first[2], >, 0);
  g_assert_cmpfloat (first[2], <, 2);
}

/* ── gradients ── */

static TpdTensor *
rope (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *angles = random_tensor (ctx, 7, TPD_SHAPE (3, 2));

  return tpd_rope (ctx, in[0], angles, tpd_act (ctx, angles, TPD_ACT_SQUARE));
}

static TpdTensor *
attention (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_attention (ctx, in[0], in[1], in[2], NULL, NULL, SCALE);
}

static TpdTensor *
masked (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *segment = integers (ctx, TPD_SHAPE (2, 3), (gint32[]){0, 0, 0, 1, 0, 1});
  TpdTensor *order = integers (ctx, TPD_SHAPE (3), (gint32[]){0, 1, 1});

  return tpd_attention (ctx, in[0], in[0], in[0], segment, order, SCALE);
}

/* q, k and v as a model has them: slices of one tensor; and heads that lie apart. */
static TpdTensor *
joint (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *part[3];

  for (int i = 0; i < 3; i++)
    part[i] = tpd_slice (ctx, in[0], 1, i, i + 1, 1);
  part[2] = tpd_permute (ctx, part[2], TPD_ORDER (0, 1, 3, 2)); /* stride of the head is not 1 */
  part[1] = tpd_permute (ctx, part[1], TPD_ORDER (0, 1, 3, 2));
  part[0] = tpd_contiguous (ctx, tpd_permute (ctx, part[0], TPD_ORDER (0, 1, 3, 2)));
  return tpd_attention (ctx, part[0], part[1], part[2], NULL, NULL, SCALE);
}

static void
test_gradients (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *in[] = {random_tensor (ctx, 1, TPD_SHAPE (2, 3, 2, 4)),
                     random_tensor (ctx, 2, TPD_SHAPE (2, 5, 2, 4)),
                     random_tensor (ctx, 3, TPD_SHAPE (2, 5, 2, 4))};

  assert_gradients (ctx, rope, in, 1);
  assert_gradients (ctx, attention, in, 3);
  assert_gradients (ctx, masked, in, 1);
  assert_gradients (ctx, joint, in, 1);
}

/* ── refusals ── */

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *q = counting (ctx, TPD_SHAPE (1, 3, 2, 4)),
            *k = counting (ctx, TPD_SHAPE (1, 5, 2, 4));
  TpdTensor *odd = counting (ctx, TPD_SHAPE (1, 3, 2, 3)),
            *angles = counting (ctx, TPD_SHAPE (3, 2));
  TpdTensor *segment = integers (ctx, TPD_SHAPE (1, 3), (gint32[]){0, 0, 0});

  tpd_rope (ctx, odd, angles, angles);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "rope: head size 3 is odd");
  tpd_rope (ctx, k, angles, angles);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "rope: cos has shape [3, 2], expected [5, 2]");
  tpd_attention (ctx, q, odd, odd, NULL, NULL, SCALE);
  assert_failure (ctx, TPD_ERROR_MISMATCH,
                  "attention: k has shape [1, 3, 2, 3], expected [1, any, 2, 4]");
  tpd_attention (ctx, q, k, q, NULL, NULL, SCALE);
  assert_failure (ctx, TPD_ERROR_MISMATCH,
                  "attention: v has shape [1, 3, 2, 4], expected [1, 5, 2, 4]");
  tpd_attention (ctx, q, k, k, segment, NULL, SCALE);
  assert_failure (ctx, TPD_ERROR_MISMATCH,
                  "attention: a mask needs as many keys as queries, got 5 and 3");
  tpd_attention (ctx, q, q, q, NULL, segment, SCALE);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "attention: order has shape [1, 3], expected [3]");
  tpd_attention (ctx, q, q, q, angles, NULL, SCALE);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "attention: segment is f64, expected i32");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/op-attention/rope", test_rope);
  fixture_add ("/op-attention/masks", test_masks);
  fixture_add ("/op-attention/gradients", test_gradients);
  fixture_add ("/op-attention/refusals", test_refusals);
  return g_test_run ();
}
