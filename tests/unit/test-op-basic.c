/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tensor-fixture.h"

/* ── values ── */

static void
test_values (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *a = counting (ctx, TPD_SHAPE (2, 2)), *b = tpd_scale (ctx, a, 10), *y;

  assert_elements (ctx, tpd_zeros (ctx, TPD_F32, TPD_SHAPE (3)), 0, 0, 0);
  assert_elements (ctx, tpd_add (ctx, a, b), 0, 11, 22, 33);
  assert_elements (ctx, tpd_mul (ctx, a, b), 0, 10, 40, 90);
  assert_elements (ctx, tpd_lincomb (ctx, 2, a, -0.5, b), 0, -3, -6, -9);
  assert_elements (ctx, tpd_mean (ctx, b), 15);
  assert_elements (ctx, tpd_act (ctx, a, TPD_ACT_SQUARE), 0, 1, 4, 9);
  y = tpd_scale (ctx, a, 1);
  tpd_axpby_inplace (ctx, 2, b, -1, y);
  assert_elements (ctx, y, 0, 19, 38, 57);
  tpd_copy_into (ctx, y, a);
  assert_elements (ctx, y, 0, 1, 2, 3);
  tpd_fill (ctx, y, -1);
  assert_elements (ctx, y, -1, -1, -1, -1);
}

/* What needs no work is not done. */
static void
test_no_copies (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x = counting (ctx, TPD_SHAPE (2, 2)), *transposed;

  g_assert_true (tpd_contiguous (ctx, x) == x);
  g_assert_true (tpd_cast (ctx, x, TPD_F64) == x);
  g_assert_true (tpd_concat (ctx, &x, 1, 0) == x);
  transposed = tpd_permute (ctx, x, TPD_ORDER (1, 0));
  g_assert_true (tpd_tensor_is_contiguous (tpd_contiguous (ctx, transposed)));
  assert_elements (ctx, tpd_contiguous (ctx, transposed), 0, 2, 1, 3);
}

/* Ties go to the even neighbour, and integers saturate. */
static void
test_cast_rounds (Fixture *fixture, gconstpointer data)
{
  static const double values[] = {1 + 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1p-8 + 0x1p-40,
                                  1e39,       -2.5,           3.5};
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x =
      tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_F64, TPD_SHAPE (6), values));

  assert_elements (ctx, tpd_cast (ctx, x, TPD_BF16), 1, 1 + 4 * 0x1p-8, 1 + 2 * 0x1p-8, INFINITY,
                   -2.5, 3.5);
  assert_elements (ctx, tpd_cast (ctx, x, TPD_I32), 1, 1, 1, G_MAXINT32, -2, 4);
  assert_elements (ctx, tpd_cast (ctx, x, TPD_U8), 1, 1, 1, 255, 0, 4);
}

/* From f32, which has a way of its own: ties, the largest, what is rounded to infinity, subnormal
 * halves and the ties between them, and what is lost. */
static void
test_cast_to_f16 (Fixture *fixture, gconstpointer data)
{
  static const float values[] = {1 + 0x1p-11f, 1 + 3 * 0x1p-11f, -65519,     65520,       1e30f,
                                 0x1p-14f,     0x1.8p-24f,       0x1.4p-23f, -0x1.8p-25f, 0x1p-25f};
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x =
      tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (10), values));

  assert_elements (ctx, tpd_cast (ctx, x, TPD_F16), 1, 1 + 0x1p-9, -65504, INFINITY, INFINITY,
                   0x1p-14, 0x1p-23, 0x1p-23, -0x1p-24, 0);
}

static void
test_concat (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x = counting (ctx, TPD_SHAPE (2, 2)), *many[20];

  assert_elements (ctx, tpd_concat (ctx, (TpdTensor *[]){x, x}, 2, 0), 0, 1, 2, 3, 0, 1, 2, 3);
  assert_elements (ctx, tpd_concat (ctx, (TpdTensor *[]){x, tpd_slice (ctx, x, 1, 1, 2, 1)}, 2, 1),
                   0, 1, 1, 2, 3, 3);
  for (int i = 0; i < 20; i++) /* more than a node of the tape has inputs */
    many[i] = tpd_scale (ctx, tpd_reshape (ctx, tpd_slice (ctx, x, 0, 0, 1, 1), TPD_SHAPE (2)), i);
  assert_elements (ctx, tpd_slice (ctx, tpd_concat (ctx, many, 20, 0), 0, 1, 40, 2), 0, 1, 2, 3, 4,
                   5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
}

/* ── gradients ── */

static TpdTensor *
arithmetic (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *product = tpd_mul (ctx, in[0], tpd_scale (ctx, in[1], -1.5));

  return tpd_lincomb (ctx, 0.5, tpd_add (ctx, product, in[0]), 2, in[1]);
}

static TpdTensor *
acts (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *x = tpd_act (ctx, in[0], TPD_ACT_SILU);

  return tpd_add (ctx, tpd_act (ctx, x, TPD_ACT_GELU_TANH), tpd_act (ctx, in[1], TPD_ACT_SQUARE));
}

static TpdTensor *
mean_and_more (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_mul (ctx, tpd_mean (ctx, in[0]), tpd_mean (ctx, tpd_mul (ctx, in[1], in[1])));
}

static TpdTensor *
copies (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *x = tpd_contiguous (ctx, tpd_permute (ctx, in[0], TPD_ORDER (1, 0)));

  return tpd_concat (ctx, (TpdTensor *[]){x, tpd_permute (ctx, in[1], TPD_ORDER (1, 0))}, 2, 0);
}

static TpdTensor *
concat_many (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_concat (ctx, (TpdTensor *[]){in[0], in[1], in[0], in[0], in[1], in[1], in[0], in[1]},
                     8, 1);
}

static TpdTensor *
broadcast (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *row = tpd_slice (ctx, in[1], 0, 0, 1, 1);

  return tpd_mul (ctx, in[0], tpd_expand (ctx, row, 2, in[0]->view.shape));
}

static void
test_gradients (Fixture *fixture, gconstpointer data)
{
  static const Function functions[] = {arithmetic, acts,        mean_and_more,
                                       copies,     concat_many, broadcast};
  TpdTensor *in[] = {random_tensor (fixture->ctx, 1, TPD_SHAPE (2, 3)),
                     random_tensor (fixture->ctx, 2, TPD_SHAPE (2, 3))};

  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    assert_gradients (fixture->ctx, functions[i], in, 2);
}

/* A gradient goes back in the dtype of what it belongs to. */
static void
test_gradient_of_cast (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x = tpd_cast (ctx, counting (ctx, TPD_SHAPE (2)), TPD_F32);

  x->requires_grad = TRUE;
  tpd_tape_begin (ctx);
  tpd_tape_backward (ctx, tpd_mean (ctx, tpd_cast (ctx, x, TPD_F64)), 2);
  g_assert_cmpint (x->grad->view.dtype, ==, TPD_F32);
  assert_elements (ctx, x->grad, 1, 1);
}

/* ── refusals ── */

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x = counting (ctx, TPD_SHAPE (2, 3)), *y = counting (ctx, TPD_SHAPE (3, 2));
  TpdTensor *f32 = tpd_cast (ctx, x, TPD_F32), *i32 = tpd_cast (ctx, x, TPD_I32);
  TpdTensor *empty = counting (ctx, TPD_SHAPE (0));

  tpd_add (ctx, x, y);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "add: b has shape [3, 2], expected [2, 3]");
  tpd_add (ctx, x, f32);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "add: b is f32, expected f64");
  tpd_scale (ctx, i32, 2);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "scale: x is i32, expected a floating-point type");
  tpd_concat (ctx, (TpdTensor *[]){x, y}, 2, 0);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "concat: an input has shape [3, 2], expected [any, 3]");
  tpd_mean (ctx, empty);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "mean: x is empty");
  tpd_copy_into (ctx, x, y);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "copy: y has shape [2, 3], expected [3, 2]");
  tpd_axpby_inplace (ctx, 1, x, 1, y);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "axpby: y has shape [3, 2], expected [2, 3]");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/op-basic/values", test_values);
  fixture_add ("/op-basic/no-copies", test_no_copies);
  fixture_add ("/op-basic/cast-rounds", test_cast_rounds);
  fixture_add ("/op-basic/cast-to-f16", test_cast_to_f16);
  fixture_add ("/op-basic/concat", test_concat);
  fixture_add ("/op-basic/gradients", test_gradients);
  fixture_add ("/op-basic/gradient-of-cast", test_gradient_of_cast);
  fixture_add ("/op-basic/refusals", test_refusals);
  return g_test_run ();
}
