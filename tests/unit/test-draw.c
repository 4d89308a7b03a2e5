/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-draw.h"

#include <math.h>

#include "pyramid-fixture.h"

/* Four standard deviations of a share of one third in 20,000 draws */
#define DRAWS       20000
#define SHARE_ERROR 0.0134

static TpdSchedule *
three_stages (void)
{
  TpdPyramidConfig config;

  tpd_pyramid_config_init (&config, TPD_FORM_FLOW, 3);
  return tpd_schedule_new (&config, NULL);
}

static void
test_stages (void)
{
  static const double weights[] = {2, 0, 1};
  g_autoptr (TpdSchedule) schedule = three_stages ();
  guint equal[4] = {0}, weighted[4] = {0};

  for (guint step = 0; step < DRAWS; step++)
    {
      equal[tpd_draw_stage (schedule, NULL, 5, step)]++;
      weighted[tpd_draw_stage (schedule, weights, 5, step)]++;
    }
  for (guint k = 1; k <= 3; k++)
    {
      g_assert_cmpfloat_with_epsilon ((double)equal[k] / DRAWS, 1 / 3.0, SHARE_ERROR);
      g_assert_cmpfloat_with_epsilon ((double)weighted[k] / DRAWS, weights[k - 1] / 3, SHARE_ERROR);
    }
  g_assert_cmpuint (weighted[2], ==, 0);
}

static void
test_times (void)
{
  g_autoptr (TpdSchedule) schedule = three_stages ();

  for (guint k = 1; k <= 3; k++)
    {
      const TpdStage *stage = tpd_schedule_get_stage (schedule, k);
      double t[1000], again[10], mean = 0;

      tpd_draw_times (schedule, k, 1, 5, 77, 1000, t);
      for (guint i = 0; i < 1000; i++)
        {
          g_assert_cmpfloat (t[i], >=, stage->end);
          g_assert_cmpfloat (t[i], <=, stage->start);
          mean += t[i] / 1000;
        }
      /* four standard deviations of the mean: 4/sqrt (12 · 1000) of the width */
      g_assert_cmpfloat_with_epsilon (mean, (stage->start + stage->end) / 2,
                                      0.037 * (stage->start - stage->end));
      tpd_draw_times (schedule, k, 1, 5, 77, 10, again);
      g_assert_cmpmem (again, sizeof again, t, sizeof again);
      tpd_draw_times (schedule, k, 1, 5, 78, 10, again);
      g_assert_cmpfloat (again[0], !=, t[0]);
    }
}

/* An exponent of 2 puts half of all times into the noisiest quarter: √¼. */
static void
test_spacing (void)
{
  g_autoptr (TpdSchedule) schedule = three_stages ();
  const TpdStage *stage = tpd_schedule_get_stage (schedule, 3);
  const double quarter = stage->start - (stage->start - stage->end) / 4;
  g_autofree double *t = g_new (double, DRAWS);
  guint noisy = 0;

  tpd_draw_times (schedule, 3, 2, 5, 77, DRAWS, t);
  for (guint i = 0; i < DRAWS; i++)
    {
      g_assert_cmpfloat (t[i], >=, stage->end);
      g_assert_cmpfloat (t[i], <=, stage->start);
      noisy += t[i] > quarter;
    }
  /* four standard deviations of a share of one half */
  g_assert_cmpfloat_with_epsilon ((double)noisy / DRAWS, 0.5, 2 / sqrt (DRAWS));
}

/* The same step draws the same noise, another step or seed another. */
static void
test_noise (Fixture *f, gconstpointer data)
{
  static const guint64 draws[][2] = {{5, 9}, {5, 9}, {5, 10}, {6, 9}};
  double first[4];

  for (guint i = 0; i < 4; i++)
    {
      g_autofree double *e = elements (
          f->ctx, tpd_draw_noise (f->ctx, TPD_F32, TPD_SHAPE (3, 5), draws[i][0], draws[i][1]));

      first[i] = e[0];
    }
  g_assert_cmpfloat (first[0], ==, first[1]);
  g_assert_cmpfloat (first[0], !=, first[2]);
  g_assert_cmpfloat (first[0], !=, first[3]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/draw/stages", test_stages);
  g_test_add_func ("/draw/times", test_times);
  g_test_add_func ("/draw/spacing", test_spacing);
  fixture_add ("/draw/noise", test_noise);
  return g_test_run ();
}
