/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oracle.h"

#include <math.h>

/* Starting midway from clips of the distribution itself must give the distribution, whatever the
 * strength: the noisy clip has the marginal that the network knows at that time of that stage. And
 * a held first frame is held. */

/* AB2 at 80 steps a stage, with the order seen from 40. DDIM's is lower than in test-convergence.c:
 * of little strength a large part is the end, where ρ (t) behaves like √t. */
#define STEPS           40
#define SECOND_ORDER    1.8
#define SECOND_ORDER_VP 0.7
#define NEGLIGIBLE      2e-5
#define LEFT            0.003
#define MEAN_LEFT       1e-9
/* f64 over some hundred steps */
#define EXACT 1e-9

/* In every stage of K = 1 … 4, in overlaps (0.3 of K = 3), on and near boundaries. */
static const double strengths[] = {0.1, 0.3, 1.0 / 3, 0.34, 0.6, 0.75, 0.99};

static void
assert_converges (OracleRun run)
{
  gboolean flow = run.trained.form == TPD_FORM_FLOW;
  OracleResult coarse, fine;
  double order;

  run.solver = TPD_SOLVER_AB2;
  run.steps = STEPS;
  coarse = oracle_sample (&run);
  run.steps = 2 * STEPS;
  fine = oracle_sample (&run);
  order = log2 (coarse.covariance / fine.covariance);
  g_test_message ("%s K=%u %s strength %.2f: error %.2g, order %.2f", flow ? "flow" : "ddim",
                  run.trained.n_stages, run.trained.downsampling ? "mean" : "stride", run.strength,
                  fine.covariance, order);
  g_assert_cmpfloat (fine.mean, <, MEAN_LEFT);
  g_assert_cmpfloat (fine.covariance, <, LEFT);
  if (fine.covariance > NEGLIGIBLE)
    g_assert_cmpfloat (order, >, flow ? SECOND_ORDER : SECOND_ORDER_VP);
}

static void
test_marginals (gconstpointer data)
{
  for (guint k = 1; k <= 4; k++)
    for (guint i = 0; i < G_N_ELEMENTS (strengths); i++)
      for (int down = TPD_DOWNSAMPLING_STRIDE; down <= TPD_DOWNSAMPLING_MEAN; down++)
        {
          OracleRun run = oracle_run ((TpdForm)GPOINTER_TO_INT (data), k, STEPS);

          run.clip = i % 2 == 0 ? run.clip : oracle_other_clip (16);
          run.trained.downsampling = (TpdDownsampling)down;
          run.strength = strengths[i];
          assert_converges (run);
        }
}

static void
test_causal (gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (strengths); i++)
    {
      OracleRun run = oracle_run ((TpdForm)GPOINTER_TO_INT (data), 3, STEPS);

      run.clip = oracle_clip (17);
      run.trained.causal_first_frame = TRUE;
      run.strength = strengths[i];
      assert_converges (run);
    }
}

/* Vanilla weights in several stages are as near the clips' distribution as from noise. */
static void
test_training_free (gconstpointer data)
{
  OracleRun run = oracle_run ((TpdForm)GPOINTER_TO_INT (data), 1, 80);
  OracleResult from_noise;

  run.stages = 3;
  from_noise = oracle_sample (&run);
  for (guint i = 0; i < G_N_ELEMENTS (strengths); i++)
    {
      OracleResult result;

      run.strength = strengths[i];
      result = oracle_sample (&run);
      g_test_message ("strength %g: %g, from noise %g", run.strength, result.covariance,
                      from_noise.covariance);
      g_assert_cmpfloat (result.covariance, <, 1.02 * from_noise.covariance);
    }
}

/* The more strength, the more changes and the more it costs; full strength is plain sampling. */
static void
test_strength (gconstpointer data)
{
  OracleRun run = oracle_run ((TpdForm)GPOINTER_TO_INT (data), 3, STEPS);
  double plain, full, change = 0, cost = 0;

  run.solver = TPD_SOLVER_AB2;
  plain = oracle_sample (&run).covariance;
  for (guint i = 0; i < G_N_ELEMENTS (strengths); i++)
    {
      OracleResult result;

      run.strength = strengths[i];
      result = oracle_sample (&run);
      g_test_message ("strength %.2f: change %.3f, cost %g", run.strength, result.change,
                      result.cost);
      g_assert_cmpfloat (result.change, >, change);
      g_assert_cmpfloat (result.cost, >=, cost);
      change = result.change;
      cost = result.cost;
    }
  run.strength = 1;
  full = oracle_sample (&run).covariance;
  g_assert_cmpfloat (full, ==, plain);
}

/* ── a held first frame ── */

/* How far got's mean is from E[x | x_0 = f], in units of how far the plain mean is. */
static double
distance_from_conditional (const OracleClip *got, const OracleClip *clip, double f)
{
  double left = 0, whole = 0;

  for (guint i = 1; i < clip->n; i++)
    {
      double pull = clip->covariance[i * clip->n] / clip->covariance[0] * (f - clip->mean[0]);

      left += pow (got->mean[i] - clip->mean[i] - pull, 2);
      whole += pow (pull, 2);
    }
  return sqrt (left / whole);
}

/* It is exact for every solver. The others follow it part of the way: while there is much noise the
 * network cannot see where frame 0 will go. Coarse stages, whose frames are copied, bring them
 * nearer. */
static void
test_hold (gconstpointer data)
{
  /* of K stages; measured 0.82, 0.72, 0.59, 0.39 at most */
  static const double far[] = {0.85, 0.75, 0.62, 0.42};

  for (guint k = 1; k <= 4; k++)
    for (int solver = TPD_SOLVER_EULER; solver <= TPD_SOLVER_HEUN; solver++)
      for (int midway = 0; midway <= 1; midway++)
        {
          OracleRun run = oracle_run ((TpdForm)GPOINTER_TO_INT (data), k, 10);
          OracleResult result;
          double distance;

          run.solver = (TpdSolverKind)solver;
          run.hold = TRUE;
          run.first_frame = 2;
          run.strength = midway ? 0.7 : 0;
          result = oracle_sample (&run);
          distance = distance_from_conditional (&result.got, &run.clip, run.first_frame);
          g_test_message ("K=%u solver %d midway %d: %g", k, solver, midway, distance);
          g_assert_cmpfloat_with_epsilon (result.got.mean[0], run.first_frame, EXACT);
          g_assert_cmpfloat (result.got.covariance[0], <, EXACT);
          g_assert_cmpfloat (distance, <, far[k - 1]);
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
      {"marginals", test_marginals}, {"causal", test_causal}, {"training-free", test_training_free},
      {"strength", test_strength},   {"hold", test_hold},
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    for (int form = TPD_FORM_FLOW; form <= TPD_FORM_DDIM; form++)
      {
        g_autofree char *path =
            g_strdup_printf ("/oracle/midway/%s/%s", tests[i].name, forms[form]);

        g_test_add_data_func (path, GINT_TO_POINTER (form), tests[i].func);
      }
  return g_test_run ();
}
