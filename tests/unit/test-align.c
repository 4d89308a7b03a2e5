/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-align.h"

#include "pyramid-fixture.h"

#define N     12
#define SIZE  (3 * 2 * 4) /* F · C · H·W */
#define SHAPE TPD_SHAPE (N, 3, 2, 2, 2)
#define SAME  1e-4 /* costs compare after f32 products */

/* Clips with a strong colour each, so that the assignment has something to find. */
static TpdTensor *
clips (TpdContext *ctx, TpdDtype dtype)
{
  TpdTensor *colour = tpd_randn (ctx, dtype, TPD_SHAPE (N, 1, 2, 1, 1), 1, 0);

  return tpd_add (ctx, tpd_randn (ctx, dtype, SHAPE, 2, 0), tpd_expand (ctx, colour, SHAPE));
}

/* Σ ‖x_i − ε_i‖², over the deviations of x from its means per channel if wanted */
static double
distance (TpdContext *ctx, TpdTensor *x, TpdTensor *noise, gboolean deviations)
{
  g_autofree double *a = elements (ctx, x), *b = elements (ctx, noise);
  double sum = 0;

  for (guint i = 0; i < N * SIZE; i++)
    {
      double mean = 0;

      for (guint j = 0; j < SIZE && deviations; j++)
        if (j / 4 % 2 == i / 4 % 2)
          mean += a[i / SIZE * SIZE + j] / 12;
      sum += (a[i] - mean - b[i]) * (a[i] - mean - b[i]);
    }
  return sum;
}

/* Which noise each clip got; fails if they are not all different ones. */
static void
assert_permutation (TpdContext *ctx, TpdTensor *noise, TpdTensor *aligned)
{
  g_autofree double *before = elements (ctx, noise), *after = elements (ctx, aligned);
  gboolean used[N] = {FALSE};

  for (guint i = 0; i < N; i++)
    {
      guint j = 0;

      while (j < N && memcmp (after + i * SIZE, before + j * SIZE, SIZE * sizeof (double)) != 0)
        j++;
      g_assert_cmpuint (j, <, N);
      g_assert_false (used[j]);
      used[j] = TRUE;
    }
}

static void
test_is_best (Fixture *f, gconstpointer data)
{
  for (int kind = TPD_ALIGNMENT_CLIPS; kind <= TPD_ALIGNMENT_DEVIATIONS; kind++)
    {
      gboolean deviations = kind == TPD_ALIGNMENT_DEVIATIONS;
      TpdTensor *x = clips (f->ctx, TPD_F64), *noise = tpd_randn (f->ctx, TPD_F64, SHAPE, 3, 0);
      TpdTensor *aligned = tpd_align_noise (f->ctx, x, noise, (TpdAlignment)kind);
      double best = distance (f->ctx, x, aligned, deviations);

      assert_permutation (f->ctx, noise, aligned);
      g_assert_cmpfloat (best, <, distance (f->ctx, x, noise, deviations));
      /* no exchange of two noises makes it better: necessary, and it sees a wrong cost */
      for (guint i = 0; i < N; i++)
        for (guint j = 0; j < i; j++)
          {
            g_autofree double *e = elements (f->ctx, aligned);

            for (guint l = 0; l < SIZE; l++)
              {
                double swap = e[i * SIZE + l];

                e[i * SIZE + l] = e[j * SIZE + l];
                e[j * SIZE + l] = swap;
              }
            g_assert_cmpfloat (distance (f->ctx, x, clip_of (f->ctx, SHAPE, e), deviations), >,
                               best - SAME);
          }
    }
}

static void
test_none (Fixture *f, gconstpointer data)
{
  TpdTensor *noise = tpd_randn (f->ctx, TPD_F32, SHAPE, 3, 0);

  g_assert_true (tpd_align_noise (f->ctx, clips (f->ctx, TPD_F32), noise, TPD_ALIGNMENT_NONE) ==
                 noise);
}

/* A pool finds what its batches cannot find alone. */
static void
test_pool (Fixture *f, gconstpointer data)
{
  TpdTensor *x = clips (f->ctx, TPD_F32), *noise = tpd_randn (f->ctx, TPD_F32, SHAPE, 3, 0);
  TpdTensor *halves[2];

  for (int h = 0; h < 2; h++)
    halves[h] = tpd_align_noise (f->ctx, tpd_slice (f->ctx, x, 0, h * N / 2, (h + 1) * N / 2, 1),
                                 tpd_slice (f->ctx, noise, 0, h * N / 2, (h + 1) * N / 2, 1),
                                 TPD_ALIGNMENT_CLIPS);
  g_assert_cmpfloat (
      distance (f->ctx, x, tpd_align_noise (f->ctx, x, noise, TPD_ALIGNMENT_CLIPS), FALSE), <,
      distance (f->ctx, x, tpd_concat (f->ctx, halves, 2, 0), FALSE));
}

static void
test_not_finite (Fixture *f, gconstpointer data)
{
  TpdTensor *x = clips (f->ctx, TPD_F32), *noise = tpd_randn (f->ctx, TPD_F32, SHAPE, 3, 0);
  g_autoptr (GError) error = NULL;

  tpd_fill (f->ctx, tpd_slice (f->ctx, x, 0, 3, 4, 1), G_MAXDOUBLE);
  tpd_align_noise (f->ctx, x, noise, TPD_ALIGNMENT_CLIPS);
  g_assert_false (tpd_context_sync (f->ctx, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/align/is-best", test_is_best);
  fixture_add ("/align/none", test_none);
  fixture_add ("/align/pool", test_pool);
  fixture_add ("/align/not-finite", test_not_finite);
  return g_test_run ();
}
