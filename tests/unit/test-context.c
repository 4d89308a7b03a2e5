/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tensor-fixture.h"

/* The first error sticks; ops after it do nothing and give back their first input; reporting clears
 * it. */
static void
test_sticky_error (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *a = counting (ctx, TPD_SHAPE (2)), *b = counting (ctx, TPD_SHAPE (3));

  g_assert_false (tpd_context_failed (ctx));
  g_assert_true (tpd_add (ctx, a, b) == a);
  g_assert_true (tpd_context_failed (ctx));
  g_assert_true (tpd_mul (ctx, b, a) == b);
  g_assert_true (tpd_scale (ctx, b, 2) == b);
  tpd_fill (ctx, a, 7);
  tpd_context_fail (ctx, TPD_ERROR_FAILED, "a second error");
  tpd_context_take_error (ctx, g_error_new_literal (TPD_ERROR, TPD_ERROR_FAILED, "a third"));
  assert_failure (ctx, TPD_ERROR_MISMATCH, "add: b has shape [3], expected [2]");
  assert_elements (ctx, a, 0, 1);
  g_assert_true (tpd_context_sync (ctx, NULL));
}

static void
test_sync_without_error_location (Fixture *fixture, gconstpointer data)
{
  tpd_context_fail (fixture->ctx, TPD_ERROR_FAILED, "number %d", 5);
  g_assert_false (tpd_context_sync (fixture->ctx, NULL));
  g_assert_true (tpd_context_sync (fixture->ctx, NULL));
}

static void
test_taken_error (Fixture *fixture, gconstpointer data)
{
  tpd_context_take_error (fixture->ctx, g_error_new_literal (TPD_ERROR, TPD_ERROR_DEVICE, "gone"));
  assert_failure (fixture->ctx, TPD_ERROR_DEVICE, "gone");
}

/* A download reports an error that happened before it, and clears it. */
static void
test_download_reports (Fixture *fixture, gconstpointer data)
{
  TpdTensor *x = counting (fixture->ctx, TPD_SHAPE (2));
  g_autoptr (GError) error = NULL;
  double values[2];

  tpd_context_fail (fixture->ctx, TPD_ERROR_FAILED, "before");
  g_assert_false (tpd_tensor_to_host (fixture->ctx, x, values, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_FAILED);
  g_assert_true (tpd_tensor_to_host (fixture->ctx, x, values, NULL));
}

/* An error of one context is not another's. */
static void
test_contexts_are_apart (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TpdContext) other = tpd_context_new (fixture->device, NULL);

  tpd_context_fail (other, TPD_ERROR_FAILED, "mine");
  g_assert_false (tpd_context_failed (fixture->ctx));
  g_assert_true (tpd_context_failed (other));
}

/* ── scopes ── */

/* The number of references on a tensor that a scope holds is one; here the test holds another. */
static gboolean
only_mine (TpdTensor *x)
{
  return g_atomic_ref_count_compare (&x->ref_count, 1);
}

static void
test_scopes_release (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TpdTensor) inner = NULL;
  g_autoptr (TpdTensor) outer = NULL;

  tpd_context_push_scope (fixture->ctx);
  outer = tpd_tensor_ref (counting (fixture->ctx, TPD_SHAPE (1)));
  tpd_context_push_scope (fixture->ctx);
  inner = tpd_tensor_ref (counting (fixture->ctx, TPD_SHAPE (1)));
  g_assert_null (tpd_context_pop_scope (fixture->ctx, NULL));
  g_assert_true (only_mine (inner));
  g_assert_false (only_mine (outer));
  tpd_context_pop_scope (fixture->ctx, NULL);
  g_assert_true (only_mine (outer));
}

static void
test_scope_keeps_one (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *kept, *x;

  tpd_context_push_scope (ctx);
  tpd_context_push_scope (ctx);
  x = counting (ctx, TPD_SHAPE (3));
  counting (ctx, TPD_SHAPE (4));
  kept = tpd_context_pop_scope (ctx, tpd_scale (ctx, x, 2));
  assert_elements (ctx, kept, 0, 2, 4);
  tpd_tensor_ref (kept);
  tpd_context_pop_scope (ctx, NULL);
  g_assert_true (only_mine (kept));
  tpd_tensor_unref (kept);
}

/* Handing a tensor of an outer scope to it again is harmless. */
static void
test_scope_keeps_an_outer_one (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  g_autoptr (TpdTensor) x = NULL;

  tpd_context_push_scope (ctx);
  x = tpd_tensor_ref (counting (ctx, TPD_SHAPE (3)));
  tpd_context_push_scope (ctx);
  g_assert_true (tpd_context_pop_scope (ctx, x) == x);
  tpd_context_pop_scope (ctx, NULL);
  g_assert_true (only_mine (x));
}

/* A tensor may outlive the context that made it. */
static void
test_tensor_outlives_context (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = tpd_context_new (fixture->device, NULL);
  g_autoptr (TpdTensor) x = tpd_tensor_new (ctx, TPD_F64, TPD_SHAPE (2));

  tpd_fill (ctx, x, 5);
  g_assert_finalize_object (ctx);
  assert_elements (fixture->ctx, x, 5, 5);
}

/* ── scratch memory ── */

static void
test_scratch (Fixture *fixture, gconstpointer data)
{
  TpdExec *exec = tpd_context_get_exec (fixture->ctx);
  guint8 *small = exec->scratch (exec, 100), *large;

  g_assert_nonnull (small);
  g_assert_cmpuint ((gsize)small % 64, ==, 0);
  large = exec->scratch (exec, 1 << 20);
  large[(1 << 20) - 1] = 1;
  g_assert_cmpuint ((gsize)large % 64, ==, 0);
  g_assert_true (exec->scratch (exec, 100) == large); /* it does not shrink */
  g_assert_null (exec->scratch (exec, G_MAXSIZE / 2));
  g_assert_false (tpd_context_sync (fixture->ctx, NULL));
  g_assert_nonnull (exec->scratch (exec, 100));
}

static void
test_exec_fail (Fixture *fixture, gconstpointer data)
{
  TpdExec *exec = tpd_context_get_exec (fixture->ctx);

  exec->fail (exec, TPD_ERROR_INVALID_ARGUMENT, "50 % of it");
  assert_failure (fixture->ctx, TPD_ERROR_INVALID_ARGUMENT, "50 % of it");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/context/sticky-error", test_sticky_error);
  fixture_add ("/context/sync-without-error-location", test_sync_without_error_location);
  fixture_add ("/context/taken-error", test_taken_error);
  fixture_add ("/context/download-reports", test_download_reports);
  fixture_add ("/context/contexts-are-apart", test_contexts_are_apart);
  fixture_add ("/context/scopes/release", test_scopes_release);
  fixture_add ("/context/scopes/keep-one", test_scope_keeps_one);
  fixture_add ("/context/scopes/keep-an-outer-one", test_scope_keeps_an_outer_one);
  fixture_add ("/context/tensor-outlives", test_tensor_outlives_context);
  fixture_add ("/context/scratch", test_scratch);
  fixture_add ("/context/exec-fail", test_exec_fail);
  return g_test_run ();
}
