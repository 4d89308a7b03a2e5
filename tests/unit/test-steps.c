/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-steps.h"

#include <math.h>

static void
assert_steps (guint n_stages, guint total, const char *list, guint third, guint second, guint first)
{
  g_autoptr (GError) error = NULL;
  guint steps[3];

  tpd_steps_distribute (n_stages, total, list, steps, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (steps[2], ==, third);
  g_assert_cmpuint (steps[1], ==, second);
  g_assert_cmpuint (steps[0], ==, first);
}

static void
test_distribute (void)
{
  assert_steps (3, 30, NULL, 10, 10, 10);
  assert_steps (3, 30, "", 10, 10, 10);
  assert_steps (3, 10, NULL, 3, 3, 4);
  assert_steps (3, 11, NULL, 3, 4, 4);
  assert_steps (3, 3, NULL, 1, 1, 1);
  /* a list runs from stage K down and overrides the total */
  assert_steps (3, 99, "5, 10,20", 5, 10, 20);
}

static void
test_refused (void)
{
  static const char *const lists[] = {"10,10",    "10,10,10,10", "10,,10",       "10,0,10",
                                      "10,-1,10", "10,ten,10",   "10,10,100000", "10,10,2.5"};
  g_autoptr (GError) few = NULL;
  guint steps[8];

  g_assert_false (tpd_steps_distribute (3, 2, NULL, steps, &few));
  g_assert_error (few, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (tpd_steps_distribute (3, 30, lists[i], steps, &error));
      g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, lists[i]));
    }
}

static void
test_times (void)
{
  TpdStage stage = {.index = 2, .frame_stride = 2, .start = 0.7, .end = 0.3};

  for (double p = 0.5; p <= 2; p += 0.5)
    {
      g_assert_cmpfloat (tpd_steps_time (&stage, 0, 7, p), ==, 0.7);
      g_assert_cmpfloat (tpd_steps_time (&stage, 7, 7, p), ==, 0.3);
      for (guint i = 0; i < 7; i++)
        g_assert_cmpfloat (tpd_steps_time (&stage, i, 7, p), >,
                           tpd_steps_time (&stage, i + 1, 7, p));
    }
  g_assert_cmpfloat_with_epsilon (tpd_steps_time (&stage, 1, 4, 1), 0.6, 1e-15);
  g_assert_cmpfloat_with_epsilon (tpd_steps_time (&stage, 1, 4, 2), 0.675, 1e-15);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/steps/distribute", test_distribute);
  g_test_add_func ("/steps/refused", test_refused);
  g_test_add_func ("/steps/times", test_times);
  return g_test_run ();
}
