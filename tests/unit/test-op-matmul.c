/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tensor-fixture.h"

/* ── values ── */

static void
test_linear (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x = counting (ctx, TPD_SHAPE (2, 1, 3)), *w = counting (ctx, TPD_SHAPE (2, 3));
  TpdTensor *b = counting (ctx, TPD_SHAPE (2));
  TpdTensor *y = tpd_linear (ctx, x, w, b);

  g_assert_cmpint (y->view.n_dims, ==, 3);
  g_assert_cmpint (y->view.shape[1], ==, 1);
  assert_elements (ctx, y, 5, 15, 14, 51);
  assert_elements (ctx, tpd_linear (ctx, x, w, NULL), 5, 14, 14, 50);
  /* a vector is a row */
  assert_elements (ctx, tpd_linear (ctx, b, tpd_permute (ctx, w, TPD_ORDER (1, 0)), NULL), 3, 4, 5);
}

static void
test_matmul (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *a = counting (ctx, TPD_SHAPE (2, 3)), *b = counting (ctx, TPD_SHAPE (3, 2));

  assert_elements (ctx, tpd_matmul (ctx, a, b, FALSE, FALSE), 10, 13, 28, 40);
  assert_elements (ctx, tpd_matmul (ctx, a, a, FALSE, TRUE), 5, 14, 14, 50);
  assert_elements (ctx, tpd_matmul (ctx, b, b, TRUE, FALSE), 20, 26, 26, 35);
  assert_elements (ctx, tpd_matmul (ctx, b, a, TRUE, TRUE), 10, 28, 13, 40);
}

/* ── gradients ── */

static TpdTensor *
linear (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_linear (ctx, in[0], in[1], in[2]);
}

/* x has rows with a gap between them, and one weight serves twice: its gradient accumulates. */
static TpdTensor *
linear_of_slice (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *x = tpd_slice (ctx, in[0], 2, 1, 4, 1);

  return tpd_linear (ctx, tpd_linear (ctx, x, in[1], NULL), in[1], in[2]);
}

/* The rows of x have no uniform stride. */
static TpdTensor *
linear_of_permuted (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *x = tpd_slice (ctx, in[0], 1, 0, 2, 1);

  x = tpd_permute (ctx, x, TPD_ORDER (1, 0, 2));
  return tpd_add (ctx, tpd_linear (ctx, x, in[1], in[2]), tpd_linear (ctx, x, in[1], NULL));
}

static void
test_gradients_of_linear (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *in[] = {random_tensor (ctx, 1, TPD_SHAPE (2, 3, 4)),
                     random_tensor (ctx, 2, TPD_SHAPE (5, 4)),
                     random_tensor (ctx, 3, TPD_SHAPE (5))};
  TpdTensor *sliced[] = {in[0], random_tensor (ctx, 4, TPD_SHAPE (3, 3)),
                         random_tensor (ctx, 5, TPD_SHAPE (3))};

  assert_gradients (ctx, linear, in, 3);
  assert_gradients (ctx, linear_of_permuted, in, 3);
  assert_gradients (ctx, linear_of_slice, sliced, 3);
}

#define MATMUL(name, trans_a, trans_b)                                                             \
  static TpdTensor *name (TpdContext *ctx, TpdTensor *const *in)                                   \
  {                                                                                                \
    return tpd_matmul (ctx, in[0], in[1], trans_a, trans_b);                                       \
  }
MATMUL (matmul_nn, FALSE, FALSE)
MATMUL (matmul_nt, FALSE, TRUE)
MATMUL (matmul_tn, TRUE, FALSE)
MATMUL (matmul_tt, TRUE, TRUE)

static void
test_gradients_of_matmul (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *a = random_tensor (ctx, 1, TPD_SHAPE (2, 3, 4));
  TpdTensor *a_t = random_tensor (ctx, 2, TPD_SHAPE (2, 4, 3));
  TpdTensor *b = random_tensor (ctx, 3, TPD_SHAPE (2, 4, 5));
  TpdTensor *b_t = random_tensor (ctx, 4, TPD_SHAPE (2, 5, 4));

  assert_gradients (ctx, matmul_nn, (TpdTensor *[]){a, b}, 2);
  assert_gradients (ctx, matmul_nt, (TpdTensor *[]){a, b_t}, 2);
  assert_gradients (ctx, matmul_tn, (TpdTensor *[]){a_t, b}, 2);
  assert_gradients (ctx, matmul_tt, (TpdTensor *[]){a_t, b_t}, 2);
}

/* ── refusals ── */

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x = counting (ctx, TPD_SHAPE (2, 3)), *w = counting (ctx, TPD_SHAPE (5, 4));
  TpdTensor *deep = counting (ctx, TPD_SHAPE (2, 3, 4)), *b = counting (ctx, TPD_SHAPE (4));

  tpd_linear (ctx, x, w, NULL);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "linear: weight has shape [5, 4], expected [any, 3]");
  tpd_linear (ctx, deep, w, b);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "linear: bias has shape [4], expected [5]");
  tpd_linear (ctx, deep, tpd_cast (ctx, w, TPD_F32), NULL);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "linear: weight is f32, expected f64");
  tpd_matmul (ctx, x, w, FALSE, FALSE);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "matmul: b has shape [5, 4], expected [3, any]");
  tpd_matmul (ctx, b, w, FALSE, FALSE);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "matmul: a has 1 dimensions, expected 2 or 3");
  tpd_matmul (ctx, deep, w, FALSE, TRUE);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "matmul: b has shape [5, 4], expected [2, any, 4]");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/op-matmul/linear", test_linear);
  fixture_add ("/op-matmul/matmul", test_matmul);
  fixture_add ("/op-matmul/gradients-of-linear", test_gradients_of_linear);
  fixture_add ("/op-matmul/gradients-of-matmul", test_gradients_of_matmul);
  fixture_add ("/op-matmul/refusals", test_refusals);
  return g_test_run ();
}
