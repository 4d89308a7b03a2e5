/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tpd-random.h"

#include <glib.h>

/* The known answers for philox4x32-10 that come with Random123 (kat_vectors). */
static void
test_published_vectors (void)
{
  static const struct
  {
    uint32_t counter[4], key[2], expected[4];
  } vectors[] = {
      {{0}, {0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };

  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      uint32_t out[4];

      tpd_philox (vectors[i].counter, vectors[i].key, out);
      g_assert_cmpmem (out, sizeof out, vectors[i].expected, sizeof out);
    }
}

/* Moments of a million numbers: each estimate has a standard error of about its factor below times
 * 1e-3, and stays within five of them. */
#define N_BLOCKS        250000
#define STANDARD_ERRORS (5 * 1e-3)

static void
test_normal_moments (void)
{
  double sums[5] = {0}, n = 4 * N_BLOCKS;

  for (guint64 block = 0; block < N_BLOCKS; block++)
    {
      float z[4];

      tpd_random_normal4 (7, block, z);
      for (int i = 0; i < 4; i++)
        for (int power = 1; power <= 4; power++)
          sums[power] += pow (z[i], power) / n;
    }
  g_assert_cmpfloat_with_epsilon (sums[1], 0, STANDARD_ERRORS);
  g_assert_cmpfloat_with_epsilon (sums[2], 1, sqrt (2) * STANDARD_ERRORS);
  g_assert_cmpfloat_with_epsilon (sums[3], 0, sqrt (15) * STANDARD_ERRORS);
  g_assert_cmpfloat_with_epsilon (sums[4], 3, sqrt (96) * STANDARD_ERRORS);
}

/* Both numbers of every pair, and pairs of one block with each other. */
static void
test_normals_are_independent (void)
{
  double products[4][4] = {{0}};

  for (guint64 block = 0; block < N_BLOCKS; block++)
    {
      float z[4];

      tpd_random_normal4 (7, block, z);
      for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++)
          products[i][j] += (double)z[i] * z[j] / N_BLOCKS;
    }
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < i; j++)
      g_assert_cmpfloat_with_epsilon (products[i][j], 0, 2 * STANDARD_ERRORS);
}

/* The extreme integers give finite normals. */
static void
test_normal_extremes (void)
{
  static const uint32_t extremes[] = {0, 0xff, 0x100, 0x7fffffff, 0x80000000, 0xffffffff};

  for (guint i = 0; i < G_N_ELEMENTS (extremes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (extremes); j++)
      {
        float z[2];

        tpd_box_muller (extremes[i], extremes[j], z);
        g_assert_true (isfinite (z[0]) && isfinite (z[1]));
        g_assert_cmpfloat (hypot (z[0], z[1]), <, 6); /* sqrt (2 ln 2^24) = 5.77 */
      }
}

static void
test_uniform (void)
{
  double sum = 0, least = 1, most = 0;

  for (guint64 i = 0; i < N_BLOCKS; i++)
    {
      double u = tpd_random_uniform (3, i);

      sum += u / N_BLOCKS;
      least = MIN (least, u);
      most = MAX (most, u);
    }
  g_assert_cmpfloat_with_epsilon (sum, 0.5, 2 * STANDARD_ERRORS * sqrt (1 / 12.0));
  g_assert_true (least >= 0 && most < 1);
  g_assert_true (least < 1e-4 && most > 1 - 1e-4);
}

static void
test_fork (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint64 seed = 0; seed < 100; seed++)
    for (guint64 tag = 0; tag < 100; tag++)
      {
        guint64 fork = tpd_random_fork (seed, tag);

        g_assert_cmpuint (fork, ==, tpd_random_fork (seed, tag));
        g_assert_true (g_hash_table_add (seen, g_memdup2 (&fork, sizeof fork)));
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/published-vectors", test_published_vectors);
  g_test_add_func ("/random/normal-moments", test_normal_moments);
  g_test_add_func ("/random/normals-are-independent", test_normals_are_independent);
  g_test_add_func ("/random/normal-extremes", test_normal_extremes);
  g_test_add_func ("/random/uniform", test_uniform);
  g_test_add_func ("/random/fork", test_fork);
  return g_test_run ();
}
