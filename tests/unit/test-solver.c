/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-solver.h"

#include <math.h>

#include "pyramid-fixture.h"

/* dy/dρ = −y − ρ: y (ρ) = 1 − ρ + c e^−ρ, from y (1) = 1 down to ρ = 0, in uneven steps. */

static TpdTensor *
slope (TpdContext *ctx, TpdTensor *y, double t, gpointer data)
{
  guint *n_calls = data;
  TpdTensor *rho = tpd_zeros (ctx, TPD_F64, TPD_SHAPE (1));

  (*n_calls)++;
  tpd_fill (ctx, rho, t);
  return tpd_lincomb (ctx, -1, y, -1, rho);
}

static double
error_after (TpdContext *ctx, TpdSolverKind kind, guint n, guint *n_calls)
{
  g_autoptr (TpdChart) chart = tpd_chart_new (TPD_FORM_FLOW, NULL);
  TpdSolver solver = {.kind = kind, .chart = chart};
  TpdTensor *y = clip_of (ctx, TPD_SHAPE (1), (double[]){1});
  double got;

  *n_calls = 0;
  for (guint i = 0; i < n; i++)
    y = tpd_solver_step (&solver, ctx, y, pow (1 - (double)i / n, 1.5),
                         pow (1 - (i + 1.0) / n, 1.5), slope, n_calls);
  tpd_solver_reset (&solver);
  g_assert_true (tpd_tensor_to_host (ctx, y, &got, NULL));
  return fabs (got - (1 + G_E)); /* c = e */
}

static void
test_orders (Fixture *f, gconstpointer data)
{
  static const struct
  {
    TpdSolverKind kind;
    double order;
    guint n_calls; /* in 64 steps */
  } cases[] = {
      {TPD_SOLVER_EULER, 1, 64},
      {TPD_SOLVER_AB2, 2, 64},
      {TPD_SOLVER_AB2_HEUN, 2, 65},
      {TPD_SOLVER_HEUN, 2, 128},
  };
  const double slack = 0.2; /* of the order, at 64 steps */

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint n_calls;
      double coarse = error_after (f->ctx, cases[i].kind, 32, &n_calls);
      double fine = error_after (f->ctx, cases[i].kind, 64, &n_calls);

      g_assert_cmpuint (n_calls, ==, cases[i].n_calls);
      g_assert_cmpfloat_with_epsilon (log2 (coarse / fine), cases[i].order, slack);
    }
}

/* On the DDIM chart an Euler step is DDIM's (Song et al. 2021): x' = γ' (x − σ ε)/γ + σ' ε. */
static TpdTensor *
constant (TpdContext *ctx, TpdTensor *y, double t, gpointer data)
{
  return data;
}

static void
test_euler_is_ddim (Fixture *f, gconstpointer data)
{
  TpdBetas betas = TPD_BETAS_SD15;
  g_autoptr (TpdChart) chart = tpd_chart_new (TPD_FORM_DDIM, &betas);
  TpdSolver solver = {.kind = TPD_SOLVER_EULER, .chart = chart};
  double x = 0.7, eps = -0.4, t0 = 0.8, t1 = 0.55;
  double expected = tpd_chart_gamma (chart, t1) * (x - tpd_chart_sigma (chart, t0) * eps) /
                        tpd_chart_gamma (chart, t0) +
                    tpd_chart_sigma (chart, t1) * eps;
  TpdTensor *y = clip_of (f->ctx, TPD_SHAPE (1), (double[]){x / tpd_chart_a (chart, t0)});

  y = tpd_solver_step (&solver, f->ctx, y, t0, t1, constant, clip_of (f->ctx, TPD_SHAPE (1), &eps));
  tpd_solver_reset (&solver);
  assert_elements (f->ctx, tpd_scale (f->ctx, y, tpd_chart_a (chart, t1)), 1, &expected, 1e-12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/solver/orders", test_orders);
  fixture_add ("/solver/euler-is-ddim", test_euler_is_ddim);
  return g_test_run ();
}
