/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check-private.h"

#include <string.h>

#include "cpu/tpd-cpu-view.h"

/* Each measurement repeats for at least this long and takes the fastest call: noise only adds. */
#define MIN_SECONDS 0.3

/* ── what the device can do at best ── */

static double
best_seconds (TpdCheck *check, const TpdOpTable *ops, TpdCheckFunc func, gconstpointer attrs,
              const TpdView *views)
{
  gint64 start = g_get_monotonic_time ();
  double best = G_MAXDOUBLE;

  while ((double)(g_get_monotonic_time () - start) < MIN_SECONDS * 1e6)
    {
      gint64 before = g_get_monotonic_time ();

      func (ops, tpd_context_get_exec (check->context), views, attrs);
      tpd_context_sync (check->context, NULL);
      best = MIN (best, (double)MAX (g_get_monotonic_time () - before, 1) * 1e-6);
    }
  return best;
}

static void
run_copy (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->copy (exec, &v[0], &v[1]);
}

static void
run_gemm (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->gemm (exec, &v[0], &v[1], &v[1], NULL, 0, 0, 1, 0);
}

/* n × n matrix of the device. Borrowed from the current scope. */
static TpdView
square (TpdCheck *check, gint64 n)
{
  TpdTensor *x =
      tpd_context_own (check->context, tpd_tensor_new (check->context, TPD_F32, TPD_SHAPE (n, n)));

  tpd_context_ops (check->context)->fill (tpd_context_get_exec (check->context), &x->view, 1);
  return x->view;
}

/* Copy bandwidth (bytes read and written a second), and arithmetic: of the CPU what its registers
 * can do, of another device the rate of a large square matrix product. Measured, not a data
 * sheet's. */
static void
measure_ceilings (TpdCheck *check)
{
  const TpdOpTable *ops = tpd_context_ops (check->context);
  gint64 n_copy = 4096, n_gemm = 1024;
  TpdView views[2];

  if (check->ceiling_bytes > 0)
    return;
  tpd_context_push_scope (check->context);
  views[0] = square (check, n_copy);
  views[1] = square (check, n_copy);
  check->ceiling_bytes =
      2.0 * 4 * (double)(n_copy * n_copy) / best_seconds (check, ops, run_copy, NULL, views);
  if (tpd_device_is_host (tpd_context_get_device (check->context)))
    check->ceiling_flops = cpu_peak_flops ();
  else
    {
      views[0] = square (check, n_gemm);
      views[1] = square (check, n_gemm);
      check->ceiling_flops = 2.0 * (double)(n_gemm * n_gemm * n_gemm) /
                             best_seconds (check, ops, run_gemm, NULL, views);
    }
  tpd_context_pop_scope (check->context, NULL);
}

/* ── one op ── */

static void
print_result (TpdCheck *check, const char *label, double seconds, double flops, double bytes)
{
  gboolean compute = flops > 0;
  double rate = (compute ? flops : bytes) / seconds * 1e-9;
  double share = rate * 1e9 / (compute ? check->ceiling_flops : check->ceiling_bytes);

  if (check->json)
    g_print (
        "{\"op\": \"%s\", \"case\": \"%s\", \"seconds\": %.3e, \"%s\": %.2f, \"share\": %.3f}\n",
        check->op, label, seconds, compute ? "gflops" : "gbytes_per_s", rate, share);
  else
    g_print ("# %-18s %-34s %9.1f us %8.1f %s %4.0f %%\n", check->op, label, seconds * 1e6, rate,
             compute ? "GFLOP/s" : "GB/s   ", share * 100);
}

void
tpd_check_bench (TpdCheck *check, const char *label, double flops, TpdCheckFunc func,
                 gconstpointer attrs, const TpdCheckOperand *operands, guint n)
{
  g_autofree TpdCheckOperand *typed = NULL;
  g_autofree TpdView *views = NULL;
  double bytes = 0;

  if (!check->bench)
    return;
  measure_ceilings (check);
  typed = operands_for (operands, n, TPD_F32);
  views = g_new (TpdView, n);
  tpd_context_push_scope (check->context);
  for (guint i = 0; i < n; i++)
    {
      Block block;
      TpdTensor *tensor;

      block_init (&block, &typed[i], LAYOUT_CONTIGUOUS, i);
      tensor = tpd_tensor_new_from_host (check->context, typed[i].dtype, typed[i].n_dims,
                                         typed[i].shape, block.view.data);
      views[i] = tpd_context_own (check->context, tensor)->view;
      bytes += (double)tpd_view_n_elements (&views[i]) * (double)tpd_dtype_size (typed[i].dtype) *
               (typed[i].flags & TPD_CHECK_IN && typed[i].flags & TPD_CHECK_OUT ? 2 : 1);
      block_clear (&block);
    }
  if (!tpd_context_failed (check->context))
    print_result (check, label,
                  best_seconds (check, tpd_context_ops (check->context), func, attrs, views), flops,
                  bytes);
  tpd_context_pop_scope (check->context, NULL);
}
