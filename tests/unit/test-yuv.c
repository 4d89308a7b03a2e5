/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/tpd-yuv.h"

#include <math.h>

/* Reference points of BT.709 limited range, as standards tables list them: R G B → Y Cb Cr. */
static const guint8 points[][6] = {
    {0, 0, 0, 16, 128, 128},     {255, 255, 255, 235, 128, 128}, {255, 0, 0, 63, 102, 240},
    {0, 255, 0, 173, 42, 26},    {0, 0, 255, 32, 240, 118},      {255, 255, 0, 219, 16, 138},
    {0, 255, 255, 188, 154, 16}, {255, 0, 255, 78, 214, 230},    {128, 128, 128, 126, 128, 128},
};

static void
test_points (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (points); i++)
    {
      guint8 y, u, v;

      tpd_rgb_to_i420 (points[i], 1, 1, &(TpdI420){{&y, &u, &v}, {1, 1, 1}});
      g_assert_cmpuint (y, ==, points[i][3]);
      g_assert_cmpuint (u, ==, points[i][4]);
      g_assert_cmpuint (v, ==, points[i][5]);
    }
}

#define WIDTH     5
#define HEIGHT    3
#define Y_STRIDE  8
#define UV_STRIDE 4
#define GUARD     77

/* Integers against the equations in double, on an odd size; nothing beyond the planes is written.
 */
static void
test_against_equations (void)
{
  guint8 rgb[HEIGHT * WIDTH * 3];
  guint8 y[HEIGHT][Y_STRIDE], u[2][UV_STRIDE], v[2][UV_STRIDE];

  memset (y, GUARD, sizeof y);
  memset (u, GUARD, sizeof u);
  memset (v, GUARD, sizeof v);
  for (guint i = 0; i < sizeof rgb; i++)
    rgb[i] = (guint8)(i * 89 + i * i * 7);
  tpd_rgb_to_i420 (rgb, WIDTH, HEIGHT,
                   &(TpdI420){{y[0], u[0], v[0]}, {Y_STRIDE, UV_STRIDE, UV_STRIDE}});
  for (int row = 0; row < 2; row++)
    for (int column = 0; column < 3; column++)
      {
        double sum[3] = {0}, e;
        int n = 0;

        for (int r = 2 * row; r < MIN (2 * row + 2, HEIGHT); r++)
          for (int c = 2 * column; c < MIN (2 * column + 2, WIDTH); c++, n++)
            for (int i = 0; i < 3; i++)
              sum[i] += rgb[(r * WIDTH + c) * 3 + i] / 255.0;
        e = (0.2126 * sum[0] + 0.7152 * sum[1] + 0.0722 * sum[2]) / n;
        g_assert_cmpint (u[row][column], ==, lrint (128 + 224 * (sum[2] / n - e) / 1.8556));
        g_assert_cmpint (v[row][column], ==, lrint (128 + 224 * (sum[0] / n - e) / 1.5748));
      }
  for (int row = 0; row < HEIGHT; row++)
    for (int column = WIDTH; column < Y_STRIDE; column++)
      g_assert_cmpuint (y[row][column], ==, GUARD);
  g_assert_cmpuint (u[0][3], ==, GUARD);
  g_assert_cmpuint (v[1][3], ==, GUARD);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/yuv/points", test_points);
  g_test_add_func ("/yuv/against-equations", test_against_equations);
  return g_test_run ();
}
