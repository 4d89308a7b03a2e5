/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tensor-fixture.h"

#include <string.h>

static void
test_properties (Fixture *fixture, gconstpointer data)
{
  TpdTensor *x = counting (fixture->ctx, TPD_SHAPE (2, 3, 4));
  g_autofree char *shape = tpd_tensor_shape_string (x);

  g_assert_cmpint (tpd_tensor_n_elements (x), ==, 24);
  g_assert_cmpstr (shape, ==, "[2, 3, 4]");
  g_assert_true (tpd_tensor_is_contiguous (x));
  g_assert_true (tpd_tensor_device (x) == fixture->device);
  g_assert_true (tpd_tensor_same_shape (x, x));
  g_assert_false (tpd_tensor_same_shape (x, counting (fixture->ctx, TPD_SHAPE (2, 4, 3))));
  g_assert_false (tpd_tensor_same_shape (x, counting (fixture->ctx, TPD_SHAPE (2, 3))));
}

static void
test_dtypes (void)
{
  static const struct
  {
    TpdDtype dtype;
    const char *name;
    gsize size;
  } expected[] = {{TPD_F32, "f32", 4},   {TPD_F64, "f64", 8}, {TPD_F16, "f16", 2},
                  {TPD_BF16, "bf16", 2}, {TPD_I32, "i32", 4}, {TPD_I64, "i64", 8},
                  {TPD_U8, "u8", 1}};

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_assert_cmpstr (tpd_dtype_name (expected[i].dtype), ==, expected[i].name);
      g_assert_cmpuint (tpd_dtype_size (expected[i].dtype), ==, expected[i].size);
    }
}

static void
test_host_round_trip (Fixture *fixture, gconstpointer data)
{
  static const float there[] = {1, -2.5f, 3e30f, 0, 1e-40f, -0.0f};
  TpdTensor *x = tpd_context_own (
      fixture->ctx, tpd_tensor_new_from_host (fixture->ctx, TPD_F32, TPD_SHAPE (2, 3), there));
  float back[6];

  g_assert_true (tpd_tensor_to_host (fixture->ctx, x, back, NULL));
  g_assert_cmpmem (back, sizeof back, there, sizeof there);
}

/* What leaves the device is packed, whatever the strides. */
static void
test_strided_to_host (Fixture *fixture, gconstpointer data)
{
  TpdTensor *x = counting (fixture->ctx, TPD_SHAPE (2, 3));
  double transposed[6];

  g_assert_true (tpd_tensor_to_host (fixture->ctx, tpd_permute (fixture->ctx, x, TPD_ORDER (1, 0)),
                                     transposed, NULL));
  g_assert_cmpmem (transposed, sizeof transposed, ((const double[]){0, 3, 1, 4, 2, 5}),
                   sizeof transposed);
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  TpdTensor *x = counting (fixture->ctx, TPD_SHAPE (3, 0, 2));

  g_assert_cmpint (tpd_tensor_n_elements (x), ==, 0);
  g_assert_true (tpd_tensor_to_host (fixture->ctx, x, NULL, NULL));
  tpd_fill (fixture->ctx, x, 1);
  g_assert_cmpint (tpd_tensor_n_elements (tpd_scale (fixture->ctx, x, 2)), ==, 0);
}

/* Sizes that overflow, negative ones and those that no machine has are errors, not crashes, and
 * what comes back can be handed on. */
static void
test_impossible_shapes (Fixture *fixture, gconstpointer data)
{
  static const gint64 shapes[][2] = {{G_MAXINT64, G_MAXINT64},
                                     {G_MAXINT64 / 2, 2},
                                     {G_MAXINT64 / 8, 1},
                                     {-1, 4},
                                     {G_GINT64_CONSTANT (1) << 58, 1}};

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (TpdTensor) x = tpd_tensor_new (fixture->ctx, TPD_F64, 2, shapes[i]);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (x->view.n_dims, ==, 2);
      g_assert_true (tpd_tensor_device (x) == fixture->device);
      g_assert_true (tpd_scale (fixture->ctx, x, 2) == x);
      g_assert_false (tpd_context_sync (fixture->ctx, &error));
      g_assert_error (error, TPD_ERROR, TPD_ERROR_NO_MEMORY);
    }
}

static void
test_references (Fixture *fixture, gconstpointer data)
{
  TpdTensor *x = tpd_tensor_new (fixture->ctx, TPD_F64, TPD_SHAPE (4)), *view;

  tpd_context_push_scope (fixture->ctx);
  tpd_fill (fixture->ctx, x, 3);
  view = tpd_tensor_ref (tpd_slice (fixture->ctx, x, 0, 1, 3, 1));
  tpd_tensor_unref (x); /* the view keeps the storage alive */
  tpd_context_pop_scope (fixture->ctx, NULL);
  assert_elements (fixture->ctx, view, 3, 3);
  tpd_tensor_unref (view);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/dtypes", test_dtypes);
  fixture_add ("/tensor/properties", test_properties);
  fixture_add ("/tensor/host-round-trip", test_host_round_trip);
  fixture_add ("/tensor/strided-to-host", test_strided_to_host);
  fixture_add ("/tensor/empty", test_empty);
  fixture_add ("/tensor/impossible-shapes", test_impossible_shapes);
  fixture_add ("/tensor/references", test_references);
  return g_test_run ();
}
