/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tensor-fixture.h"

/* ── values ── */

static void
test_slice (Fixture *fixture, gconstpointer data)
{
  TpdTensor *x = counting (fixture->ctx, TPD_SHAPE (3, 4));

  assert_elements (fixture->ctx, tpd_slice (fixture->ctx, x, 0, 1, 3, 1), 4, 5, 6, 7, 8, 9, 10, 11);
  assert_elements (fixture->ctx, tpd_slice (fixture->ctx, x, 1, 1, 4, 2), 1, 3, 5, 7, 9, 11);
  assert_elements (fixture->ctx, tpd_slice (fixture->ctx, x, 1, 0, 3, 2), 0, 2, 4, 6, 8, 10);
  g_assert_cmpint (tpd_tensor_n_elements (tpd_slice (fixture->ctx, x, 0, 2, 2, 1)), ==, 0);
}

static void
test_permute (Fixture *fixture, gconstpointer data)
{
  TpdTensor *x = counting (fixture->ctx, TPD_SHAPE (2, 1, 3));
  TpdTensor *y = tpd_permute (fixture->ctx, x, TPD_ORDER (2, 0, 1));

  g_assert_cmpint (y->view.shape[0], ==, 3);
  g_assert_cmpint (y->view.shape[1], ==, 2);
  g_assert_cmpint (y->view.shape[2], ==, 1);
  assert_elements (fixture->ctx, y, 0, 3, 1, 4, 2, 5);
}

static void
test_expand (Fixture *fixture, gconstpointer data)
{
  TpdTensor *x = counting (fixture->ctx, TPD_SHAPE (2, 1));

  assert_elements (fixture->ctx, tpd_expand (fixture->ctx, x, TPD_SHAPE (2, 3)), 0, 0, 0, 1, 1, 1);
}

static void
test_reshape (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x = counting (ctx, TPD_SHAPE (4, 6));
  TpdTensor *y = tpd_reshape (ctx, x, TPD_SHAPE (2, -1, 3));

  g_assert_cmpint (y->view.shape[1], ==, 4);
  g_assert_true (y->view.data == x->view.data);
  assert_elements (ctx, tpd_slice (ctx, tpd_slice (ctx, y, 0, 1, 2, 1), 1, 3, 4, 1), 21, 22, 23);
  assert_elements (ctx, tpd_reshape (ctx, counting (ctx, TPD_SHAPE (1, 1)), TPD_SHAPE (1)), 0);
}

/* Strided layouts that can be reshaped without a copy must give the same elements as a copy would:
 * slices of outer dimensions, permuted blocks, broadcasts, and dimensions of size 1 anywhere. */
static void
test_reshape_strided (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x = counting (ctx, TPD_SHAPE (2, 3, 4));
  TpdTensor *rows = tpd_slice (ctx, x, 0, 1, 2, 1), *columns = tpd_slice (ctx, x, 2, 0, 4, 2);
  TpdTensor *one = counting (ctx, TPD_SHAPE (3, 1));

  assert_elements (ctx, tpd_reshape (ctx, rows, TPD_SHAPE (2, 6)), 12, 13, 14, 15, 16, 17, 18, 19,
                   20, 21, 22, 23);
  assert_elements (ctx, tpd_reshape (ctx, columns, TPD_SHAPE (3, 4)), 0, 2, 4, 6, 8, 10, 12, 14, 16,
                   18, 20, 22);
  assert_elements (ctx,
                   tpd_reshape (ctx, tpd_expand (ctx, one, TPD_SHAPE (3, 4)), TPD_SHAPE (3, 2, 2)),
                   0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2);
  assert_elements (
      ctx, tpd_reshape (ctx, tpd_permute (ctx, x, TPD_ORDER (2, 0, 1)), TPD_SHAPE (2, 2, 6)), 0, 4,
      8, 12, 16, 20, 1, 5, 9, 13, 17, 21, 2, 6, 10, 14, 18, 22, 3, 7, 11, 15, 19, 23);
}

/* What needs a copy is refused: here two dimensions whose rows have a gap between them, once with a
 * dimension of size 1 in between to hide it. */
static void
reshape_with_gaps (gint64 middle)
{
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", NULL);
  g_autoptr (TpdContext) ctx = tpd_context_new (device, NULL);
  TpdTensor *x;

  tpd_context_push_scope (ctx);
  x = tpd_slice (ctx, counting (ctx, TPD_SHAPE (2, middle, 5)), 2, 0, 3, 1);
  tpd_reshape (ctx, x, TPD_SHAPE (2 * middle * 3));
}

static void
test_reshape_refuses_gaps (void)
{
  if (g_test_subprocess ())
    {
      reshape_with_gaps (2);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*possible*");
}

static void
test_reshape_refuses_hidden_gaps (void)
{
  if (g_test_subprocess ())
    {
      reshape_with_gaps (1);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*possible*");
}

static void
test_reshape_empty (Fixture *fixture, gconstpointer data)
{
  TpdTensor *x = counting (fixture->ctx, TPD_SHAPE (0, 3));

  g_assert_cmpint (tpd_reshape (fixture->ctx, x, TPD_SHAPE (0))->view.n_dims, ==, 1);
  g_assert_cmpint (tpd_reshape (fixture->ctx, x, TPD_SHAPE (5, 0, 2))->view.n_dims, ==, 3);
}

/* ── gradients ── */

static TpdTensor *
slice (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_slice (ctx, in[0], 1, 1, 3, 1);
}

static TpdTensor *
slice_with_step (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_slice (ctx, in[0], 1, 0, 4, 3);
}

static TpdTensor *
reshape (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_reshape (ctx, in[0], TPD_SHAPE (8, -1));
}

static TpdTensor *
permute (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_permute (ctx, in[0], TPD_ORDER (2, 0, 1));
}

/* A view of a view of a view, whose gradient comes back with strides at every step. */
static TpdTensor *
chain (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *x = tpd_permute (ctx, in[0], TPD_ORDER (1, 0, 2));

  x = tpd_reshape (ctx, tpd_contiguous (ctx, tpd_slice (ctx, x, 0, 1, 4, 2)), TPD_SHAPE (4, 1, 2));
  return tpd_expand (ctx, x, TPD_SHAPE (4, 3, 2));
}

/* The same elements by two ways. */
static TpdTensor *
overlap (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_mul (ctx, tpd_slice (ctx, in[0], 1, 0, 3, 1), tpd_slice (ctx, in[0], 1, 1, 4, 1));
}

static void
test_gradients (Fixture *fixture, gconstpointer data)
{
  static const Function functions[] = {slice, slice_with_step, reshape, permute, chain, overlap};
  TpdTensor *x = random_tensor (fixture->ctx, 1, TPD_SHAPE (2, 4, 2));

  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    assert_gradients (fixture->ctx, functions[i], &x, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/view/slice", test_slice);
  fixture_add ("/view/permute", test_permute);
  fixture_add ("/view/expand", test_expand);
  fixture_add ("/view/reshape", test_reshape);
  fixture_add ("/view/reshape/strided", test_reshape_strided);
  fixture_add ("/view/reshape/empty", test_reshape_empty);
  g_test_add_func ("/view/reshape/refuses-gaps", test_reshape_refuses_gaps);
  g_test_add_func ("/view/reshape/refuses-hidden-gaps", test_reshape_refuses_hidden_gaps);
  fixture_add ("/view/gradients", test_gradients);
  return g_test_run ();
}
