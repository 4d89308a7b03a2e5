/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tensor-fixture.h"

/* ── gradients of every input, and of every combination of optional ones ── */

static TpdTensor *
layer_norm (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_layer_norm (ctx, in[0], in[1], in[2], 1e-3);
}

static TpdTensor *
layer_norm_plain (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_layer_norm (ctx, in[0], NULL, NULL, 1e-3);
}

static TpdTensor *
layer_norm_without_bias (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_layer_norm (ctx, in[0], in[1], NULL, 1e-3);
}

static TpdTensor *
rms_norm (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_rms_norm (ctx, in[0], in[1], 1e-3);
}

static TpdTensor *
group_norm (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_group_norm (ctx, in[0], in[1], in[2], 2, 1e-3, FALSE);
}

static TpdTensor *
group_norm_silu (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_group_norm (ctx, in[0], in[1], in[2], 4, 1e-3, TRUE);
}

/* x comes with strides that no kernel takes as rows. */
static TpdTensor *
strided (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *x = tpd_permute (ctx, in[0], TPD_ORDER (1, 0, 2));

  return tpd_layer_norm (ctx, tpd_rms_norm (ctx, x, in[1], 1e-3), in[2], in[1], 1e-3);
}

static void
test_gradients (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *in[] = {random_tensor (ctx, 1, TPD_SHAPE (2, 3, 4)),
                     random_tensor (ctx, 2, TPD_SHAPE (4)), random_tensor (ctx, 3, TPD_SHAPE (4))};

  assert_gradients (ctx, layer_norm, in, 3);
  assert_gradients (ctx, layer_norm_plain, in, 1);
  assert_gradients (ctx, layer_norm_without_bias, in, 2);
  assert_gradients (ctx, rms_norm, in, 2);
  assert_gradients (ctx, group_norm, in, 3);
  assert_gradients (ctx, group_norm_silu, in, 3);
  assert_gradients (ctx, strided, in, 3);
}

/* adaLN and a gate, whose vectors are slices of one tensor as in a transformer. */
static TpdTensor *
modulate (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *part[3], *x;

  for (int i = 0; i < 3; i++)
    part[i] = tpd_slice (ctx, in[1], 1, 4 * i, 4 * (i + 1), 1);
  x = tpd_layer_norm_modulate (ctx, in[0], part[0], part[1], 1e-3);
  return tpd_gate_residual (ctx, in[0], part[2], x);
}

static void
test_gradients_of_modulation (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *in[] = {random_tensor (ctx, 1, TPD_SHAPE (2, 3, 4)),
                     random_tensor (ctx, 2, TPD_SHAPE (2, 12))};

  assert_gradients (ctx, modulate, in, 2);
}

/* ── refusals ── */

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x = counting (ctx, TPD_SHAPE (2, 3, 4)), *w3 = counting (ctx, TPD_SHAPE (3));
  TpdTensor *w4 = counting (ctx, TPD_SHAPE (4)), *scale = counting (ctx, TPD_SHAPE (2, 4));

  tpd_layer_norm (ctx, x, w3, NULL, 1e-5);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "layer_norm: weight has shape [3], expected [4]");
  tpd_layer_norm (ctx, x, w4, tpd_cast (ctx, w4, TPD_F32), 1e-5);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "layer_norm: bias is f32, expected f64");
  tpd_layer_norm_modulate (ctx, x, scale, w4, 1e-5);
  assert_failure (ctx, TPD_ERROR_MISMATCH,
                  "layer_norm_modulate: shift has shape [4], expected [2, 4]");
  tpd_rms_norm (ctx, x, w3, 1e-5);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "rms_norm: weight has shape [3], expected [4]");
  tpd_group_norm (ctx, x, w4, w4, 3, 1e-5, FALSE);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "group_norm: 3 groups do not divide 4 channels");
  tpd_group_norm (ctx, x, w4, w4, 0, 1e-5, FALSE);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "group_norm: 0 groups do not divide 4 channels");
  tpd_gate_residual (ctx, x, scale, tpd_slice (ctx, x, 1, 0, 2, 1));
  assert_failure (ctx, TPD_ERROR_MISMATCH,
                  "gate_residual: r has shape [2, 2, 4], expected [2, 3, 4]");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/op-norm/gradients", test_gradients);
  fixture_add ("/op-norm/gradients-of-modulation", test_gradients_of_modulation);
  fixture_add ("/op-norm/refusals", test_refusals);
  return g_test_run ();
}
