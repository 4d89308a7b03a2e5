/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-chart.h"

#include <math.h>

#define EXACT 1e-12 /* a few double operations */

static TpdChart *
ddim (void)
{
  TpdBetas betas = TPD_BETAS_SD15;

  return tpd_chart_new (TPD_FORM_DDIM, &betas);
}

static void
test_flow (void)
{
  g_autoptr (TpdChart) chart = tpd_chart_new (TPD_FORM_FLOW, NULL);

  g_assert_cmpfloat (tpd_chart_gamma (chart, 0.3), ==, 0.7);
  g_assert_cmpfloat (tpd_chart_sigma (chart, 0.3), ==, 0.3);
  g_assert_cmpfloat (tpd_chart_a (chart, 0.3), ==, 1);
  g_assert_cmpfloat (tpd_chart_rho (chart, 0.3), ==, 0.3);
  g_assert_cmpfloat (tpd_chart_timestep (chart, 0.3), ==, 300);
  g_assert_true (isinf (tpd_chart_noise_ratio (chart, 1)));
  g_assert_cmpfloat (tpd_chart_time_of_noise_ratio (chart, INFINITY), ==, 1);
}

/* ᾱ as the plain product that diffusers' schedulers make */
static void
test_ddim (void)
{
  g_autoptr (TpdChart) chart = ddim ();
  double alpha_bar = 1;

  for (guint i = 0; i < 1000; i++)
    {
      double root = sqrt (0.00085) + (sqrt (0.012) - sqrt (0.00085)) * i / 999;
      double t = (i + 1) / 1000.0;

      alpha_bar *= 1 - root * root;
      g_assert_cmpfloat_with_epsilon (tpd_chart_gamma (chart, t), sqrt (alpha_bar), EXACT);
      g_assert_cmpfloat_with_epsilon (tpd_chart_sigma (chart, t), sqrt (1 - alpha_bar), EXACT);
      g_assert_cmpfloat_with_epsilon (tpd_chart_timestep (chart, t), i, 1e-9);
    }
  /* the last ᾱ that pretrained networks know */
  g_assert_cmpfloat_with_epsilon (alpha_bar, 0.0046599, 1e-6);
}

static void
test_ddim_between_timesteps (void)
{
  g_autoptr (TpdChart) chart = ddim ();
  double low = log (tpd_chart_gamma (chart, 0.5)), high = log (tpd_chart_gamma (chart, 0.501));

  g_assert_cmpfloat_with_epsilon (log (tpd_chart_gamma (chart, 0.50025)), 0.75 * low + 0.25 * high,
                                  EXACT);
  g_assert_cmpfloat (tpd_chart_gamma (chart, 0), ==, 1);
  g_assert_cmpfloat (tpd_chart_sigma (chart, 0), ==, 0);
  g_assert_cmpfloat (tpd_chart_timestep (chart, 0), ==, 0);
  g_assert_cmpfloat (tpd_chart_timestep (chart, 0.0005), ==, 0);
}

static void
test_inverse (void)
{
  g_autoptr (TpdChart) flow = tpd_chart_new (TPD_FORM_FLOW, NULL), vp = ddim ();
  TpdChart *charts[] = {flow, vp};

  for (guint c = 0; c < G_N_ELEMENTS (charts); c++)
    for (double t = 0; t < 1; t += 0.00137)
      {
        TpdChart *chart = charts[c];

        g_assert_cmpfloat_with_epsilon (tpd_chart_time_of_rho (chart, tpd_chart_rho (chart, t)), t,
                                        EXACT);
        g_assert_cmpfloat_with_epsilon (
            tpd_chart_time_of_noise_ratio (chart, tpd_chart_noise_ratio (chart, t)), t, EXACT);
        g_assert_cmpfloat_with_epsilon (tpd_chart_a (chart, t) * tpd_chart_rho (chart, t),
                                        tpd_chart_sigma (chart, t), EXACT);
      }
  g_assert_cmpfloat (tpd_chart_time_of_rho (vp, 1e9), ==, 1);
}

static void
test_last_time (void)
{
  TpdBetas betas = TPD_BETAS_SD15;
  g_autoptr (TpdChart) to_one = tpd_chart_new (TPD_FORM_DDIM, &betas), to_first = NULL;

  betas.set_alpha_to_one = FALSE;
  to_first = tpd_chart_new (TPD_FORM_DDIM, &betas);
  g_assert_cmpfloat (tpd_chart_last_time (to_one), ==, 0);
  g_assert_cmpfloat (tpd_chart_last_time (to_first), ==, 0.001);
  g_assert_cmpfloat (tpd_chart_timestep (to_first, 0.001), ==, 0);
}

static void
test_linear_betas (void)
{
  TpdBetas betas = {TPD_BETA_SCHEDULE_LINEAR, 0.0001, 0.02, 1000, TRUE};
  g_autoptr (TpdChart) chart = tpd_chart_new (TPD_FORM_DDIM, &betas);
  double alpha_bar = 1;

  for (guint i = 0; i < 500; i++)
    alpha_bar *= 1 - (0.0001 + (0.02 - 0.0001) * i / 999);
  g_assert_cmpfloat_with_epsilon (tpd_chart_gamma (chart, 0.5), sqrt (alpha_bar), EXACT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chart/flow", test_flow);
  g_test_add_func ("/chart/ddim", test_ddim);
  g_test_add_func ("/chart/ddim-between-timesteps", test_ddim_between_timesteps);
  g_test_add_func ("/chart/inverse", test_inverse);
  g_test_add_func ("/chart/last-time", test_last_time);
  g_test_add_func ("/chart/linear-betas", test_linear_betas);
  return g_test_run ();
}
