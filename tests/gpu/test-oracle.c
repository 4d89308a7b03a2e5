/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gpu.h"
#include "oracle/oracle.h"

/* The sampler on the GPU, in f32, against the same runs on the CPU, in f64. */

/* Some hundred steps, each of which rounds a clip to 6e-8; jumps and solvers amplify that little.
 */
#define TOLERANCE 1e-4

static TpdDevice *device;

static void
compare (const OracleRun *run)
{
  OracleResult expected = oracle_sample (run), got = oracle_sample_on (run, device);

  g_assert_cmpfloat (oracle_mean_error (&got.got, &expected.got), <, TOLERANCE);
  g_assert_cmpfloat (oracle_covariance_error (&got.got, &expected.got), <, TOLERANCE);
  g_assert_cmpfloat (got.cost, ==, expected.cost);
}

static void
test_flow (void)
{
  for (guint n_stages = 1; n_stages <= 3; n_stages++)
    {
      OracleRun run = oracle_run (TPD_FORM_FLOW, n_stages, 10);

      compare (&run);
    }
}

static void
test_diffusion (void)
{
  OracleRun run = oracle_run (TPD_FORM_DDIM, 3, 10);

  compare (&run);
  run.solver = TPD_SOLVER_HEUN;
  compare (&run);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  device = gpu_open ();
  if (device == NULL)
    return GPU_SKIPPED;
  g_test_add_func ("/gpu/oracle/flow", test_flow);
  g_test_add_func ("/gpu/oracle/diffusion", test_diffusion);
  status = g_test_run ();
  g_object_unref (device);
  return status;
}
