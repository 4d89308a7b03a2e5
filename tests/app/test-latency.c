/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-latency.h"

/* g_usleep() never returns early, so a loop that was held up this long was late by about as much:
 * less one period, in which it would not have been asked. */
#define BLOCK_MS  60
#define PERIOD_MS 10

static void
wait_for (TpdaLatency *latency, guint n)
{
  while (tpda_latency_count (latency) < n)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_block (void)
{
  g_autoptr (TpdaLatency) latency = tpda_latency_new ();
  g_autofree char *text = NULL;

  g_assert_cmpfloat (tpda_latency_quantile (latency, 0.99), ==, 0);
  wait_for (latency, 20);
  g_usleep (BLOCK_MS * 1000);
  wait_for (latency, 40);
  g_assert_cmpfloat (tpda_latency_quantile (latency, 1), >=, BLOCK_MS - PERIOD_MS);
  g_assert_cmpfloat (tpda_latency_quantile (latency, 0), >=, 0);
  g_assert_cmpfloat (tpda_latency_quantile (latency, 0.5), <=,
                     tpda_latency_quantile (latency, 0.99));
  text = tpda_latency_describe (latency);
  g_test_message ("%s", text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/latency/block", test_block);
  return g_test_run ();
}
