/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ops/tpd-op.h"

/* A context on the CPU with a scope open, and f64 clips in and out of it. */
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
  g_clear_object (&fixture->ctx);
  g_clear_object (&fixture->device);
}

static inline TpdTensor *
clip_of (TpdContext *ctx, int n_dims, const gint64 *shape, const double *data)
{
  return tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_F64, n_dims, shape, data));
}

/* The elements of an f64 or f32 tensor as doubles; free with g_free(). */
static inline double *
elements (TpdContext *ctx, TpdTensor *x)
{
  double *data = g_new (double, tpd_tensor_n_elements (x));
  GError *error = NULL;

  tpd_tensor_to_host (ctx, tpd_cast (ctx, x, TPD_F64), data, &error);
  g_assert_no_error (error);
  return data;
}

static inline void
assert_elements (TpdContext *ctx, TpdTensor *x, gsize n, const double *expected, double tolerance)
{
  g_autofree double *got = elements (ctx, x);

  g_assert_cmpint (tpd_tensor_n_elements (x), ==, n);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (got[i], expected[i], tolerance);
}

#define fixture_add(path, func)                                                                    \
  g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
