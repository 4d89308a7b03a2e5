/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-noise-source.h"

#include "pyramid-fixture.h"

static double *
draw (TpdContext *ctx, guint64 seed, gint64 n_clips, TpdNoisePurpose purpose, guint stage)
{
  g_autoptr (TpdPhiloxNoise) source = tpd_philox_noise_new (seed);

  return elements (ctx, tpd_noise_source_draw (TPD_NOISE_SOURCE (source), ctx, TPD_F32,
                                               TPD_SHAPE (n_clips, 4, 3), purpose, stage));
}

/* Every draw depends on seed, purpose and stage, and on nothing else. */
static void
test_draws (Fixture *f, gconstpointer data)
{
  g_autofree double *first = draw (f->ctx, 1, 1, TPD_NOISE_START, 3);
  g_autofree double *again = draw (f->ctx, 1, 1, TPD_NOISE_START, 3);
  g_autofree double *jump = draw (f->ctx, 1, 1, TPD_NOISE_JUMP, 3);
  g_autofree double *later = draw (f->ctx, 1, 1, TPD_NOISE_JUMP, 2);
  g_autofree double *other = draw (f->ctx, 2, 1, TPD_NOISE_START, 3);

  g_assert_cmpmem (first, 12 * sizeof *first, again, 12 * sizeof *again);
  g_assert_cmpfloat (first[0], !=, jump[0]);
  g_assert_cmpfloat (jump[0], !=, later[0]);
  g_assert_cmpfloat (first[0], !=, other[0]);
}

/* A clip's noise does not depend on its batch: clip b has seed + b. */
static void
test_batches (Fixture *f, gconstpointer data)
{
  g_autofree double *batch = draw (f->ctx, 10, 3, TPD_NOISE_JUMP, 2);

  for (guint b = 0; b < 3; b++)
    {
      g_autofree double *alone = draw (f->ctx, 10 + b, 1, TPD_NOISE_JUMP, 2);

      g_assert_cmpmem (batch + 12 * b, 12 * sizeof *batch, alone, 12 * sizeof *alone);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/noise-source/draws", test_draws);
  fixture_add ("/noise-source/batches", test_batches);
  return g_test_run ();
}
