/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oracle.h"

/* The figures of docs/method.md, through the real sampler. */

/* They are printed with two or three digits. */
#define ROUNDING 0.05
/* f64 arithmetic over some thousand steps */
#define EXACT 1e-10

static void
assert_figure (double got, double printed)
{
  g_assert_cmpfloat_with_epsilon (got, printed, ROUNDING * printed);
}

/* Flow, K = 3, stride, Euler: 0.106, 0.011, 0.0011 at 10, 100, 1,000 steps a stage. */
static void
test_flow_euler (void)
{
  static const double errors[] = {0.106, 0.011, 0.0011};

  for (guint i = 0, steps = 10; i < G_N_ELEMENTS (errors); i++, steps *= 10)
    {
      OracleRun run = oracle_run (TPD_FORM_FLOW, 3, steps);
      OracleResult result = oracle_sample (&run);

      assert_figure (result.covariance, errors[i]);
      g_assert_cmpfloat (result.mean, <, EXACT);
    }
}

/* Covariance error at a cost in full-rate evaluations: the pyramid against vanilla. */
static void
test_flow_costs (void)
{
  static const struct
  {
    TpdSolverKind solver;
    guint n_stages, steps;
    double spacing, cost, error;
  } rows[] = {
      {TPD_SOLVER_EULER, 1, 30, 1, 30, 0.117},        {TPD_SOLVER_EULER, 3, 10, 1, 17.5, 0.106},
      {TPD_SOLVER_AB2, 1, 20, 1, 20, 0.0112},         {TPD_SOLVER_AB2, 3, 10, 1, 17.5, 0.0105},
      {TPD_SOLVER_AB2_HEUN, 1, 20, 1, 21, 0.0171},    {TPD_SOLVER_AB2_HEUN, 3, 2, 1, 5.25, 0.0119},
      {TPD_SOLVER_AB2_HEUN, 3, 10, 1, 19.25, 0.0023}, {TPD_SOLVER_AB2, 3, 3, 2, 5.25, 0.0112},
      {TPD_SOLVER_AB2_HEUN, 3, 3, 0.85, 7, 0.0030},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      OracleRun run = oracle_run (TPD_FORM_FLOW, rows[i].n_stages, rows[i].steps);
      OracleResult result;

      run.solver = rows[i].solver;
      run.spacing = rows[i].spacing;
      result = oracle_sample (&run);
      g_test_message ("row %u: cost %g, error %g", i, result.cost, result.covariance);
      g_assert_cmpfloat (result.cost, ==, rows[i].cost);
      assert_figure (result.covariance, rows[i].error);
    }
}

/* DDIM does not begin with pure noise (γ_T ≠ 0): from N (0, I) a floor is left ... */
static void
test_ddim_floor (void)
{
  OracleRun run = oracle_run (TPD_FORM_DDIM, 3, 1000);
  OracleResult result = oracle_sample (&run);

  assert_figure (result.covariance, 0.0084);
  assert_figure (result.mean, 0.0635);

  /* with the literal (7) at the top, which the network would have to be trained with */
  run.literal_top_stage = TRUE;
  result = oracle_sample (&run);
  assert_figure (result.covariance, 0.010);
  assert_figure (result.mean, 0.044);
}

/* ... and none from the marginal of x̂_{s_K}. */
static void
test_ddim_exact_start (void)
{
  static const double errors[] = {0.0087, 0.0009};

  for (guint i = 0, steps = 100; i < G_N_ELEMENTS (errors); i++, steps *= 10)
    {
      OracleRun run = oracle_run (TPD_FORM_DDIM, 3, steps);
      OracleResult result;

      run.exact_start = TRUE;
      result = oracle_sample (&run);
      assert_figure (result.covariance, errors[i]);
      g_assert_cmpfloat (result.mean, <, EXACT);
    }
}

/* What must fail, does: the scale that (15) and (23) print, and jumps without noise. */
static void
test_wrong_jumps (void)
{
  OracleRun run = oracle_run (TPD_FORM_FLOW, 3, 1000);

  run.erratum = TRUE;
  assert_figure (oracle_sample (&run).covariance, 0.82);
  run.erratum = FALSE;
  run.no_jump_noise = TRUE;
  assert_figure (oracle_sample (&run).covariance, 0.06);
  run.no_jump_noise = FALSE;
  g_assert_cmpfloat (oracle_sample (&run).covariance, <, 0.0012);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/oracle/figures/flow-euler", test_flow_euler);
  g_test_add_func ("/oracle/figures/flow-costs", test_flow_costs);
  g_test_add_func ("/oracle/figures/ddim-floor", test_ddim_floor);
  g_test_add_func ("/oracle/figures/ddim-exact-start", test_ddim_exact_start);
  g_test_add_func ("/oracle/figures/wrong-jumps", test_wrong_jumps);
  return g_test_run ();
}
