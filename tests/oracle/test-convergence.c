/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oracle.h"

#include <math.h>

/* Whatever the setting, the sampler converges to the clips' own distribution, at its solver's
 * order. */

/* Orders are measured between 40 and 80 steps a stage, where higher terms still show. Second-order
 * solvers lose some of theirs on the DDIM chart, whose ρ (t) behaves like √t at its end. */
#define STEPS           40
#define FIRST_ORDER     0.85
#define SECOND_ORDER    1.8
#define SECOND_ORDER_VP 1.5
/* Errors below this are as good as none: their order means nothing. */
#define NEGLIGIBLE 2e-5
/* What is left at 80 steps a stage, the worst of all settings with a little room. */
#define FIRST_ORDER_LEFT  0.09
#define SECOND_ORDER_LEFT 0.009
#define MEAN_LEFT         1e-9
/* Settings that should not change the result at all, in f64 */
#define SAME 1e-9

static void
assert_converges (OracleRun run)
{
  gboolean flow = run.trained.form == TPD_FORM_FLOW, euler = run.solver == TPD_SOLVER_EULER;
  OracleResult coarse, fine;
  double order;

  run.exact_start = !flow; /* see the floor in test-figures.c */
  run.steps = STEPS;
  coarse = oracle_sample (&run);
  run.steps = 2 * STEPS;
  fine = oracle_sample (&run);
  order = log2 (coarse.covariance / fine.covariance);
  g_test_message ("%s K=%u %s solver %d frames %u: error %.2g, order %.2f", flow ? "flow" : "ddim",
                  run.trained.n_stages, run.trained.downsampling ? "mean" : "stride", run.solver,
                  run.clip.n, fine.covariance, order);
  g_assert_cmpfloat (fine.mean, <, MEAN_LEFT);
  g_assert_cmpfloat (fine.covariance, <, euler ? FIRST_ORDER_LEFT : SECOND_ORDER_LEFT);
  if (fine.covariance > NEGLIGIBLE)
    g_assert_cmpfloat (order, >, euler ? FIRST_ORDER : flow ? SECOND_ORDER : SECOND_ORDER_VP);
}

/* Every form × K × down-sampling × solver. */
static void
test_all (gconstpointer data)
{
  TpdForm form = (TpdForm)GPOINTER_TO_INT (data);

  for (guint k = 1; k <= 4; k++)
    for (int solver = TPD_SOLVER_EULER; solver <= TPD_SOLVER_HEUN; solver++)
      for (int down = TPD_DOWNSAMPLING_STRIDE; down <= TPD_DOWNSAMPLING_MEAN; down++)
        {
          OracleRun run = oracle_run (form, k, STEPS);

          if (k == 1 && down == TPD_DOWNSAMPLING_MEAN)
            continue;
          run.solver = (TpdSolverKind)solver;
          run.trained.downsampling = (TpdDownsampling)down;
          assert_converges (run);
        }
}

/* Other clips, so that nothing hangs on one covariance. */
static void
test_other_clips (gconstpointer data)
{
  for (guint k = 1; k <= 4; k++)
    {
      OracleRun run = oracle_run ((TpdForm)GPOINTER_TO_INT (data), k, STEPS);

      run.clip = oracle_other_clip (16);
      run.solver = TPD_SOLVER_AB2;
      assert_converges (run);
    }
}

/* A first frame without a twin: 13, 17 and 21 frames. */
static void
test_causal (gconstpointer data)
{
  for (guint n_frames = 13; n_frames <= 21; n_frames += 4)
    for (int down = TPD_DOWNSAMPLING_STRIDE; down <= TPD_DOWNSAMPLING_MEAN; down++)
      {
        OracleRun run = oracle_run ((TpdForm)GPOINTER_TO_INT (data), 3, STEPS);

        run.clip = n_frames == 17 ? oracle_other_clip (17) : oracle_clip (n_frames);
        run.solver = TPD_SOLVER_AB2_HEUN;
        run.trained.causal_first_frame = TRUE;
        run.trained.downsampling = (TpdDownsampling)down;
        assert_converges (run);
      }
}

/* Any correlation of the jump's noise, given boundaries, causal or not. */
static void
test_correlations_and_boundaries (gconstpointer data)
{
  static const double correlations[] = {-0.9, -0.5, -0.2};

  for (guint i = 0; i < G_N_ELEMENTS (correlations); i++)
    for (int causal = 0; causal <= 1; causal++)
      {
        OracleRun run = oracle_run ((TpdForm)GPOINTER_TO_INT (data), 3, STEPS);

        run.clip = oracle_clip (16 + causal);
        run.solver = TPD_SOLVER_AB2;
        run.trained.causal_first_frame = causal;
        run.trained.correlation = correlations[i];
        run.trained.n_boundaries = 2;
        run.trained.boundaries[0] = 0.45;
        run.trained.boundaries[1] = 0.75;
        assert_converges (run);
      }
}

/* The unit and the kind of prediction are conventions between training and sampling. */
static void
test_conventions (void)
{
  OracleRun flow = oracle_run (TPD_FORM_FLOW, 3, 10), ddim = oracle_run (TPD_FORM_DDIM, 3, 10);
  double flow_error = oracle_sample (&flow).covariance;
  double ddim_error = oracle_sample (&ddim).covariance;

  flow.trained.velocity_unit = TPD_VELOCITY_UNIT_STAGE;
  g_assert_cmpfloat_with_epsilon (oracle_sample (&flow).covariance, flow_error, SAME);
  ddim.trained.prediction = TPD_PREDICTION_V;
  g_assert_cmpfloat_with_epsilon (oracle_sample (&ddim).covariance, ddim_error, SAME);
}

/* Vanilla weights in several stages: no retraining, hence not exact, but a distribution near the
 * clips'; one stage of it is vanilla itself. */
static void
test_training_free (gconstpointer data)
{
  const double near = 0.25;
  OracleRun run = oracle_run ((TpdForm)GPOINTER_TO_INT (data), 1, 80);
  double vanilla = oracle_sample (&run).covariance;

  run.stages = 1;
  g_assert_cmpfloat (oracle_sample (&run).covariance, ==, vanilla);
  for (run.stages = 2; run.stages <= 3; run.stages++)
    {
      OracleResult result = oracle_sample (&run);

      g_test_message ("%u stages: covariance %g, mean %g", run.stages, result.covariance,
                      result.mean);
      g_assert_cmpfloat (result.covariance, <, near);
    }
}

int
main (int argc, char **argv)
{
  static const char *const forms[] = {[TPD_FORM_FLOW] = "flow", [TPD_FORM_DDIM] = "ddim"};
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } tests[] = {
      {"all", test_all},
      {"other-clips", test_other_clips},
      {"causal", test_causal},
      {"correlations-and-boundaries", test_correlations_and_boundaries},
      {"training-free", test_training_free},
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    for (int form = TPD_FORM_FLOW; form <= TPD_FORM_DDIM; form++)
      {
        g_autofree char *path = g_strdup_printf ("/oracle/%s/%s", tests[i].name, forms[form]);

        g_test_add_data_func (path, GINT_TO_POINTER (form), tests[i].func);
      }
  g_test_add_func ("/oracle/conventions", test_conventions);
  return g_test_run ();
}
