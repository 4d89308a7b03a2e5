/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oracle.h"

#include "pyramid/tpd-jump.h"

/* A jump alone, from the exact distribution of x̂_{e_{k+1}}, must give exactly that of x̂_{s_k}:
 * mean γ_s U D μ, covariance γ_s² U D C Dᵀ Uᵀ + σ_s² I. */

#define EXACT 1e-12 /* a few f64 operations, and log ᾱ inverted */

static void
assert_jumps_are_exact (const TpdPyramidConfig *config, const OracleClip *clip)
{
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", NULL);
  g_autoptr (TpdContext) ctx = tpd_context_new (device, NULL);
  g_autoptr (TpdSchedule) schedule = tpd_schedule_new (config, NULL);
  const TpdChart *chart = tpd_schedule_get_chart (schedule);

  for (guint k = config->n_stages; k >= 2; k--)
    {
      const TpdStage *coarse = tpd_schedule_get_stage (schedule, k);
      double s = tpd_schedule_get_stage (schedule, k - 1)->start;
      double d[ORACLE_SIZE], ud[ORACLE_SIZE];
      guint n = oracle_down (config, clip->n, coarse->frame_stride, d);
      guint n_fine = oracle_coarse (config, clip->n, k - 1, ud);
      OracleClip before = oracle_marginal (clip, d, n, tpd_chart_gamma (chart, coarse->end),
                                           tpd_chart_sigma (chart, coarse->end));
      OracleClip wanted = oracle_marginal (clip, ud, n_fine, tpd_chart_gamma (chart, s),
                                           tpd_chart_sigma (chart, s));
      g_autoptr (OracleNoise) noise = oracle_noise_new (&before, TRUE, 0);
      gint64 shape[5] = {1 + 3 * n, n, 1, 1, 1};
      OracleClip got;
      TpdTensor *x;

      tpd_context_push_scope (ctx);
      x = tpd_noise_source_draw (TPD_NOISE_SOURCE (noise), ctx, TPD_F64, 5, shape, TPD_NOISE_START,
                                 k);
      got = oracle_moments (ctx, tpd_jump (ctx, schedule, k, x, TPD_NOISE_SOURCE (noise)));
      tpd_context_pop_scope (ctx, NULL);
      g_assert_cmpfloat (oracle_mean_error (&got, &wanted), <, EXACT);
      g_assert_cmpfloat (oracle_covariance_error (&got, &wanted), <, EXACT);
    }
}

static void
test_jumps (gconstpointer data)
{
  static const double correlations[] = {-1, -0.7, -0.1};

  for (guint k = 2; k <= 4; k++)
    for (guint r = 0; r < G_N_ELEMENTS (correlations); r++)
      for (int down = TPD_DOWNSAMPLING_STRIDE; down <= TPD_DOWNSAMPLING_MEAN; down++)
        for (int causal = 0; causal <= 1; causal++)
          {
            OracleClip clip = oracle_clip (16 + causal), other = oracle_other_clip (16 + causal);
            TpdPyramidConfig config;

            tpd_pyramid_config_init (&config, (TpdForm)GPOINTER_TO_INT (data), k);
            config.correlation = correlations[r];
            config.downsampling = (TpdDownsampling)down;
            config.causal_first_frame = causal;
            assert_jumps_are_exact (&config, &clip);
            assert_jumps_are_exact (&config, &other);
          }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/oracle/jump/flow", GINT_TO_POINTER (TPD_FORM_FLOW), test_jumps);
  g_test_add_data_func ("/oracle/jump/ddim", GINT_TO_POINTER (TPD_FORM_DDIM), test_jumps);
  return g_test_run ();
}
