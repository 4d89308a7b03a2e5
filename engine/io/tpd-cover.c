/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cover.h"

#include <math.h>

/* Which old pixels of a row (or column) a new one is made of, and how much of each. */
typedef struct
{
  guint first;
  guint n;
  float *weights; /* owned; their sum is 1 */
} Tap;

static void
free_taps (Tap *taps, guint n)
{
  for (guint i = 0; i < n; i++)
    g_free (taps[i].weights);
  g_free (taps);
}

/* From n_old pixels to n_new, of which 1/scale old ones are one new one; centred. */
static Tap *
make_taps (guint n_old, guint n_new, double scale)
{
  Tap *taps = g_new (Tap, n_new);
  double radius = MAX (1, 1 / scale);
  double begin = (n_old - n_new / scale) / 2;

  for (guint i = 0; i < n_new; i++)
    {
      double centre = begin + (i + 0.5) / scale, sum = 0;
      guint first = (guint)CLAMP (floor (centre - radius), 0, n_old - 1);
      guint last = (guint)CLAMP (ceil (centre + radius), first, n_old - 1);

      taps[i] = (Tap){first, last - first + 1, g_new (float, last - first + 1)};
      for (guint j = first; j <= last; j++)
        sum += taps[i].weights[j - first] = (float)MAX (0, 1 - fabs (j + 0.5 - centre) / radius);
      for (guint j = 0; j < taps[i].n; j++)
        taps[i].weights[j] /= (float)sum;
    }
  return taps;
}

static void
scale_row (const guint8 *rgb, const Tap *taps, guint n, float *out)
{
  for (guint x = 0; x < n; x++, out += 3)
    {
      const guint8 *pixel = rgb + 3 * (gsize)taps[x].first;

      out[0] = out[1] = out[2] = 0;
      for (guint i = 0; i < taps[x].n; i++, pixel += 3)
        for (guint c = 0; c < 3; c++)
          out[c] += taps[x].weights[i] * pixel[c];
    }
}

/* n numbers of a new row from old rows n apart. */
static void
mix_rows (const float *rows, const Tap *tap, gsize n, guint8 *out)
{
  for (gsize x = 0; x < n; x++)
    {
      float sum = 0.5f; /* rounds */

      for (guint i = 0; i < tap->n; i++)
        sum += tap->weights[i] * rows[(tap->first + i) * n + x];
      out[x] = (guint8)CLAMP (sum, 0, 255);
    }
}

void
tpd_rgb_cover (const guint8 *rgb, guint width, guint height, gsize stride, guint out_width,
               guint out_height, guint8 *out)
{
  double scale = MAX ((double)out_width / width, (double)out_height / height);
  Tap *across = make_taps (width, out_width, scale);
  Tap *down = make_taps (height, out_height, scale);
  gsize row = 3 * (gsize)out_width;
  g_autofree float *rows = g_new (float, height *row);

  for (guint y = 0; y < height; y++)
    scale_row (rgb + y * stride, across, out_width, rows + y * row);
  for (guint y = 0; y < out_height; y++)
    mix_rows (rows, &down[y], row, out + y * row);
  free_taps (across, out_width);
  free_taps (down, out_height);
}
