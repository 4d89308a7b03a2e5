/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-midway.h"

#include <math.h>

#include "pyramid-fixture.h"
#include "pyramid/tpd-steps.h"

/* Where to begin, and with how many steps. What comes of it is tests/oracle's. */

#define EXACT 1e-12

static TpdSchedule *
schedule_of (TpdForm form, guint n_stages)
{
  TpdPyramidConfig config;

  tpd_pyramid_config_init (&config, form, n_stages);
  config.betas.set_alpha_to_one = FALSE; /* e_1 = 1/1000 for DDIM */
  return tpd_schedule_new (&config, NULL);
}

/* In the finest stage that reaches the time. */
static void
test_find (void)
{
  static const struct
  {
    double strength;
    guint stage;
  } cases[] = {{1e-9, 1}, {0.3, 1}, {0.33, 1}, {0.34, 2}, {0.6, 2}, {0.67, 3}, {0.999, 3}, {1, 3}};

  for (int form = TPD_FORM_FLOW; form <= TPD_FORM_DDIM; form++)
    {
      g_autoptr (TpdSchedule) schedule = schedule_of ((TpdForm)form, 3);

      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          TpdMidway start = tpd_midway_find (schedule, cases[i].strength);
          const TpdStage *stage = tpd_schedule_get_stage (schedule, start.stage);

          g_assert_cmpuint (start.stage, ==, cases[i].stage);
          g_assert_cmpfloat (start.time, >, stage->end);
          g_assert_cmpfloat (start.time, <=, stage->start);
          g_assert_cmpint (start.time == 1, ==, cases[i].strength == 1);
        }
    }
}

/* At a boundary the finer stage, from its very start. */
static void
test_boundary (void)
{
  g_autoptr (TpdSchedule) schedule = schedule_of (TPD_FORM_FLOW, 4);
  TpdMidway start = tpd_midway_find (schedule, 0.5);

  g_assert_cmpuint (start.stage, ==, 2);
  g_assert_cmpfloat (start.time, ==, tpd_schedule_get_stage (schedule, 2)->start);
}

/* As many as are left of the whole stage's, the one under way included. */
static void
test_steps (void)
{
  const TpdStage stage = {.index = 1, .frame_stride = 1, .start = 0.8, .end = 0.2};

  for (double p = 0.5; p <= 2; p += 0.5)
    for (guint n = 1; n <= 12; n++)
      {
        for (guint i = 0; i < n; i++)
          {
            double at = tpd_steps_time (&stage, i, n, p);
            double later = 0.5 * (at + tpd_steps_time (&stage, i + 1, n, p));

            g_assert_cmpuint (tpd_midway_steps (&stage, at, n, p), ==, n - i);
            g_assert_cmpuint (tpd_midway_steps (&stage, later, n, p), ==, n - i);
          }
        g_assert_cmpuint (tpd_midway_steps (&stage, 0.2 + 1e-12, n, p), ==, 1);
      }
}

/* γ c + a w g_e d + σ ε for a network of stages, γ D x0 + σ ε for a vanilla one: by hand, flow, the
 * middle of stage 1 of 2. */
static void
test_noise (Fixture *f, gconstpointer data)
{
  static const double clip[] = {1, 2, 5, 7}, eps[] = {0.5, -1, 0.25, 2};
  g_autoptr (TpdSchedule) schedule = schedule_of (TPD_FORM_FLOW, 2);
  const gint64 shape[] = {1, 4, 1, 1, 1};
  TpdTensor *x0 = clip_of (f->ctx, 5, shape, clip), *noise = clip_of (f->ctx, 5, shape, eps);
  TpdMidway start = tpd_midway_find (schedule, 0.25);

  g_assert_cmpuint (start.stage, ==, 1);
  g_assert_cmpfloat (start.time, ==, 0.25);
  for (int vanilla = 0; vanilla <= 1; vanilla++)
    {
      TpdPyramidConfig trained = *tpd_schedule_get_config (schedule);
      double expected[4];

      for (guint i = 0; i < 4; i++)
        {
          double held = clip[i / 2 * 2];
          double seen = vanilla ? 0.75 * clip[i] : 0.75 * held + 0.5 * (clip[i] - held);

          expected[i] = seen + 0.25 * eps[i];
        }
      trained.n_stages = vanilla ? 1 : 2;
      assert_elements (f->ctx, tpd_midway_noise (f->ctx, &trained, schedule, start, x0, noise), 4,
                       expected, EXACT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/midway/find", test_find);
  g_test_add_func ("/midway/boundary", test_boundary);
  g_test_add_func ("/midway/steps", test_steps);
  fixture_add ("/midway/noise", test_noise);
  return g_test_run ();
}
