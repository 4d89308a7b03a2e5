/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/tpd-clip-order.h"

/* Each epoch shows every clip once. */
static void
test_permutation (void)
{
  static const guint counts[] = {1, 2, 3, 5, 64, 1000};

  for (guint c = 0; c < G_N_ELEMENTS (counts); c++)
    for (guint epoch = 0; epoch < 3; epoch++)
      {
        const guint n = counts[c];
        g_autofree guint *seen = g_new0 (guint, n);

        for (guint i = 0; i < n; i++)
          {
            guint clip = tpd_clip_order (7, n, (guint64)epoch * n + i);

            g_assert_cmpuint (clip, <, n);
            g_assert_cmpuint (seen[clip]++, ==, 0);
          }
      }
}

/* Epochs and seeds differ, and an order is not close to sorted: a shuffled list of 1000 has about
 * 1 clip in its place and 500 pairs of neighbours that rise. */
static void
test_random (void)
{
  guint in_place = 0, rising = 0, same_seed = 0, same_epoch = 0;

  for (guint i = 0; i < 1000; i++)
    {
      guint clip = tpd_clip_order (7, 1000, 1000 + i);

      in_place += clip == i;
      rising += i > 0 && clip > tpd_clip_order (7, 1000, 999 + i);
      same_seed += clip == tpd_clip_order (8, 1000, 1000 + i);
      same_epoch += clip == tpd_clip_order (7, 1000, 2000 + i);
    }
  g_assert_cmpuint (in_place, <, 10);
  g_assert_cmpuint (same_seed, <, 10);
  g_assert_cmpuint (same_epoch, <, 10);
  g_assert_cmpuint (rising, >, 420);
  g_assert_cmpuint (rising, <, 580);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clip-order/permutation", test_permutation);
  g_test_add_func ("/clip-order/random", test_random);
  return g_test_run ();
}
