/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-temporal.h"

#include "pyramid-fixture.h"

/* Two clips of n frames of two numbers: 100·clip + 10·frame + i. */
static TpdTensor *
numbered (TpdContext *ctx, guint n)
{
  g_autofree double *data = g_new (double, 4 * n);

  for (guint i = 0; i < 4 * n; i++)
    data[i] = 100 * (i / (2 * n)) + 10 * (i / 2 % n) + i % 2;
  return clip_of (ctx, TPD_SHAPE (2, n, 2), data);
}

/* The frame numbers that the first element of clip 0 and the last of clip 1 show. */
static void
assert_frames (TpdContext *ctx, TpdTensor *x, guint n, const double *frames)
{
  g_autofree double *got = elements (ctx, x);

  g_assert_cmpint (x->view.shape[1], ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpfloat (got[2 * i], ==, 10 * frames[i]);
      g_assert_cmpfloat (got[2 * n + 2 * i + 1], ==, 101 + 10 * frames[i]);
    }
}

#define assert_shows(ctx, x, ...)                                                                  \
  assert_frames (ctx, x, G_N_ELEMENTS (((double[]){__VA_ARGS__})), (double[]){__VA_ARGS__})

static void
test_stride (Fixture *f, gconstpointer data)
{
  const TpdDownsampling stride = TPD_DOWNSAMPLING_STRIDE;

  assert_shows (f->ctx, tpd_temporal_down (f->ctx, numbered (f->ctx, 8), 1, stride, FALSE), 0, 1, 2,
                3, 4, 5, 6, 7);
  assert_shows (f->ctx, tpd_temporal_down (f->ctx, numbered (f->ctx, 8), 2, stride, FALSE), 0, 2, 4,
                6);
  assert_shows (f->ctx, tpd_temporal_down (f->ctx, numbered (f->ctx, 8), 8, stride, FALSE), 0);
  assert_shows (f->ctx, tpd_temporal_down (f->ctx, numbered (f->ctx, 9), 2, stride, TRUE), 0, 2, 4,
                6, 8);
  assert_shows (f->ctx, tpd_temporal_down (f->ctx, numbered (f->ctx, 9), 4, stride, TRUE), 0, 4, 8);
  assert_shows (f->ctx, tpd_temporal_down (f->ctx, numbered (f->ctx, 1), 4, stride, TRUE), 0);
}

static void
test_mean (Fixture *f, gconstpointer data)
{
  const TpdDownsampling mean = TPD_DOWNSAMPLING_MEAN;

  assert_shows (f->ctx, tpd_temporal_down (f->ctx, numbered (f->ctx, 8), 2, mean, FALSE), 0.5, 2.5,
                4.5, 6.5);
  assert_shows (f->ctx, tpd_temporal_down (f->ctx, numbered (f->ctx, 8), 4, mean, FALSE), 1.5, 5.5);
  assert_shows (f->ctx, tpd_temporal_down (f->ctx, numbered (f->ctx, 9), 2, mean, TRUE), 0, 1.5,
                3.5, 5.5, 7.5);
  assert_shows (f->ctx, tpd_temporal_down (f->ctx, numbered (f->ctx, 9), 4, mean, TRUE), 0, 2.5,
                6.5);
  assert_shows (f->ctx, tpd_temporal_down (f->ctx, numbered (f->ctx, 1), 4, mean, TRUE), 0);
}

static void
test_up (Fixture *f, gconstpointer data)
{
  assert_shows (f->ctx, tpd_temporal_up (f->ctx, numbered (f->ctx, 3), FALSE), 0, 0, 1, 1, 2, 2);
  assert_shows (f->ctx, tpd_temporal_up (f->ctx, numbered (f->ctx, 3), TRUE), 0, 1, 1, 2, 2);
  assert_shows (f->ctx, tpd_temporal_up (f->ctx, numbered (f->ctx, 1), TRUE), 0);
}

/* What goes up comes down. */
static void
test_up_and_down (Fixture *f, gconstpointer data)
{
  for (int causal = 0; causal <= 1; causal++)
    for (int down = TPD_DOWNSAMPLING_STRIDE; down <= TPD_DOWNSAMPLING_MEAN; down++)
      {
        TpdTensor *up = tpd_temporal_up (f->ctx, numbered (f->ctx, 4), causal);

        assert_shows (f->ctx, tpd_temporal_down (f->ctx, up, 2, (TpdDownsampling)down, causal), 0,
                      1, 2, 3);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/temporal/stride", test_stride);
  fixture_add ("/temporal/mean", test_mean);
  fixture_add ("/temporal/up", test_up);
  fixture_add ("/temporal/up-and-down", test_up_and_down);
  return g_test_run ();
}
