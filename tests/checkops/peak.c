/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check-private.h"

#include "core/tpd-parallel.h"

/* The most multiply-adds in f32 that the host's cores can do: sums that stay in registers, enough
 * of them to hide the latency, one vector instruction each. */

#define N_SUMS  12
#define N_STEPS 1000000
#define LANES   8
#define RUNS    5

typedef float Vec __attribute__ ((vector_size (LANES * sizeof (float))));

static inline __attribute__ ((always_inline)) float
multiply_add (void)
{
  Vec sum[N_SUMS], factor = (Vec){0} + 0.999f, term = (Vec){0} + 0.001f;
  float total = 0;

  for (int k = 0; k < N_SUMS; k++)
    sum[k] = (Vec){0} + (float)k;
  for (int i = 0; i < N_STEPS; i++)
    {
#pragma GCC unroll 12
      for (int k = 0; k < N_SUMS; k++)
        sum[k] = sum[k] * factor + term;
    }
  for (int k = 0; k < N_SUMS; k++)
    total += sum[k][0];
  return total;
}

#if defined(__x86_64__)
static __attribute__ ((target ("avx2,fma"))) float
multiply_add_v3 (void)
{
  return multiply_add ();
}
#endif

static void
work (gint64 begin, gint64 end, guint thread, gpointer totals)
{
  for (gint64 i = begin; i < end; i++)
#if defined(__x86_64__)
    ((float *)totals)[i] = __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma")
                               ? multiply_add_v3 ()
                               : multiply_add ();
#else
    ((float *)totals)[i] = multiply_add ();
#endif
}

double
cpu_peak_flops (void)
{
  guint n = tpd_parallel_n_threads ();
  g_autofree float *totals = g_new0 (float, n);
  double best = G_MAXDOUBLE;

  for (int run = 0; run < RUNS; run++)
    {
      gint64 before = g_get_monotonic_time ();

      tpd_parallel_for (n, 1, work, totals);
      best = MIN (best, (double)MAX (g_get_monotonic_time () - before, 1) * 1e-6);
    }
  return 2.0 * LANES * N_SUMS * N_STEPS * n / best;
}
