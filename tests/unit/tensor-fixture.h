/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <math.h>

#include "core/tpd-tape.h"
#include "ops/tpd-op.h"

/* A context on the CPU with a scope open, tensors with numbers in them, and gradients. */
typedef struct
{
  TpdDevice *device;
  TpdContext *ctx;
} Fixture;

static inline void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  fixture->device = tpd_device_open ("cpu", NULL);
  fixture->ctx = tpd_context_new (fixture->device, NULL);
  tpd_context_push_scope (fixture->ctx);
}

static inline void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  GError *error = NULL;

  tpd_context_sync (fixture->ctx, &error);
  g_assert_no_error (error);
  tpd_context_pop_scope (fixture->ctx, NULL);
  g_assert_finalize_object (fixture->ctx);
  g_clear_object (&fixture->device);
}

#define fixture_add(path, func)                                                                    \
  g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

/* f64: 0, 1, 2, … */
static inline TpdTensor *
counting (TpdContext *ctx, int n_dims, const gint64 *shape)
{
  TpdTensor *x = tpd_context_own (ctx, tpd_tensor_new (ctx, TPD_F64, n_dims, shape));
  gint64 n = tpd_tensor_n_elements (x);
  g_autofree double *data = g_new (double, n);

  for (gint64 i = 0; i < n; i++)
    data[i] = (double)i;
  tpd_tensor_upload (ctx, x, data);
  return x;
}

/* f64 normal numbers */
static inline TpdTensor *
random_tensor (TpdContext *ctx, guint64 seed, int n_dims, const gint64 *shape)
{
  return tpd_randn (ctx, TPD_F64, n_dims, shape, seed, 0);
}

/* The elements as doubles; free with g_free(). */
static inline double *
elements (TpdContext *ctx, TpdTensor *x)
{
  double *data = g_new (double, tpd_tensor_n_elements (x));
  GError *error = NULL;

  tpd_tensor_to_host (ctx, tpd_cast (ctx, x, TPD_F64), data, &error);
  g_assert_no_error (error);
  return data;
}

#define assert_elements(ctx, x, ...)                                                               \
  assert_elements_are (ctx, x, sizeof ((double[]){__VA_ARGS__}) / sizeof (double),                 \
                       (double[]){__VA_ARGS__})

static inline void
assert_elements_are (TpdContext *ctx, TpdTensor *x, gsize n, const double *expected)
{
  g_autofree double *got = elements (ctx, x);

  g_assert_cmpint (tpd_tensor_n_elements (x), ==, n);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat (got[i], ==, expected[i]);
}

/* The context has failed with exactly this message; it is usable again afterwards. */
static inline void
assert_failure (TpdContext *ctx, TpdError code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (tpd_context_failed (ctx));
  g_assert_false (tpd_context_sync (ctx, &error));
  g_assert_error (error, TPD_ERROR, (int)code);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_false (tpd_context_failed (ctx));
}

/* ── gradients ── */

typedef TpdTensor *(*Function) (TpdContext *ctx, TpdTensor *const *in);

/* Step and tolerance of central differences in f64: the error is of the order of step², rounding
 * 1e-16 / step. */
#define DIFFERENCE_STEP      1e-5
#define DIFFERENCE_TOLERANCE 1e-8

/* <weights, func (in)>, as a tensor of one element. The weights differ, so that every element of
 * the result counts. */
static inline TpdTensor *
weighted (TpdContext *ctx, Function func, TpdTensor *const *in)
{
  TpdTensor *y = tpd_cast (ctx, func (ctx, in), TPD_F64);
  TpdTensor *weights = random_tensor (ctx, 99, y->view.n_dims, y->view.shape);

  return tpd_mean (ctx, tpd_mul (ctx, y, weights));
}

static inline double
weighted_value (TpdContext *ctx, Function func, TpdTensor *const *in)
{
  g_autofree double *value = NULL;

  tpd_context_push_scope (ctx);
  value = elements (ctx, weighted (ctx, func, in));
  tpd_context_pop_scope (ctx, NULL);
  return *value;
}

/* Compares the tape's gradients of func with central differences, for all n inputs, which are f64
 * and contiguous. */
static inline void
assert_gradients (TpdContext *ctx, Function func, TpdTensor *const *in, int n)
{
  for (int i = 0; i < n; i++)
    in[i]->requires_grad = TRUE;
  tpd_tape_begin (ctx);
  tpd_tape_backward (ctx, weighted (ctx, func, in), 1);
  for (int i = 0; i < n; i++)
    {
      g_autofree double *gradient = NULL;
      g_autofree double *x = elements (ctx, in[i]);

      g_assert_nonnull (in[i]->grad);
      g_assert_true (tpd_tensor_same_shape (in[i]->grad, in[i]));
      gradient = elements (ctx, in[i]->grad);
      for (gint64 k = 0; k < tpd_tensor_n_elements (in[i]); k++)
        {
          double old = x[k], up, down;

          x[k] = old + DIFFERENCE_STEP;
          tpd_tensor_upload (ctx, in[i], x);
          up = weighted_value (ctx, func, in);
          x[k] = old - DIFFERENCE_STEP;
          tpd_tensor_upload (ctx, in[i], x);
          down = weighted_value (ctx, func, in);
          x[k] = old;
          tpd_tensor_upload (ctx, in[i], x);
          g_assert_cmpfloat_with_epsilon (gradient[k], (up - down) / (2 * DIFFERENCE_STEP),
                                          DIFFERENCE_TOLERANCE);
        }
      tpd_tensor_clear_grad (in[i]);
      in[i]->requires_grad = FALSE;
    }
}
