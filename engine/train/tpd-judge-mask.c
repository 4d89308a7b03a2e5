/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-judge-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Distances of colours are Euclidean in RGB, [0, 1] each. */
#define BACKGROUND_SPREAD 0.06  /* residual at which a pixel counts a quarter as background */
#define MIN_CONTRAST      0.15  /* a figure differs at least so much */
#define PEAK_PIXELS       12    /* the contrast is that of the twelfth most different pixel */
#define CORE_CONTRAST     0.75  /* share of it that makes a pixel the figure's own */
#define MIN_AREA          0.004 /* of the frame: a figure is at least so large */
#define N_FITS            3     /* of the border with weights, and of all */

/* value = p[0] + p[1] x + p[2] y per channel, x and y in [−1, 1] */
typedef struct
{
  double p[3][3];
} Plane;

static double
coordinate (guint i, guint n)
{
  return (2 * i + 1.0) / n - 1;
}

static void
plane_at (const Plane *plane, double x, double y, double value[3])
{
  for (guint c = 0; c < 3; c++)
    value[c] = plane->p[c][0] + plane->p[c][1] * x + plane->p[c][2] * y;
}

/* |pixel − plane|² */
static double
squared_contrast (const float pixel[3], const Plane *plane, double x, double y)
{
  double value[3];

  plane_at (plane, x, y, value);
  return (pixel[0] - value[0]) * (pixel[0] - value[0]) +
         (pixel[1] - value[1]) * (pixel[1] - value[1]) +
         (pixel[2] - value[2]) * (pixel[2] - value[2]);
}

/* Solves the symmetric 3 × 3 system a v = b by Cramer's rule; keeps v if it is singular. */
static void
solve3 (const double a[3][3], const double b[3], double v[3])
{
  double det[4];

  for (int k = 0; k < 4; k++)
    {
      double m[3][3];

      for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
          m[i][j] = j == k ? b[i] : a[i][j];
      det[k] = m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
               m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
               m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
    }
  if (fabs (det[3]) < 1e-12)
    return;
  for (int k = 0; k < 3; k++)
    v[k] = det[k] / det[3];
}

/* One least-squares fit, each pixel with the weight that its distance from the last plane gives it
 * (Geman–McClure); equal weights without a last one. border: 0, or the width of the rim that
 * counts alone. */
static void
fit_plane (const float *rgb, guint height, guint width, guint border, const Plane *last,
           Plane *plane)
{
  double a[3][3] = {{0}}, b[3][3] = {{0}};

  for (guint i = 0; i < height; i++)
    for (guint j = 0; j < width; j++)
      {
        const float *pixel = &rgb[(i * width + j) * 3];
        const double basis[3] = {1, coordinate (j, width), coordinate (i, height)};
        double weight = 1;

        if (border > 0 && MIN (MIN (i, height - 1 - i), MIN (j, width - 1 - j)) >= border)
          continue;
        if (last != NULL)
          {
            const double r2 = squared_contrast (pixel, last, basis[1], basis[2]);
            const double fit = 1 + r2 / (BACKGROUND_SPREAD * BACKGROUND_SPREAD);

            weight = 1 / (fit * fit);
          }
        for (int r = 0; r < 3; r++)
          for (int c = 0; c < 3; c++)
            {
              a[r][c] += weight * basis[r] * basis[c];
              b[c][r] += weight * basis[r] * pixel[c];
            }
      }
  for (int c = 0; c < 3; c++)
    solve3 (a, b[c], plane->p[c]);
}

/* The background: first of the frame's border, where a figure hardly ever is, then of every pixel
 * in so far as it fits. */
static void
fit_background (const float *rgb, guint height, guint width, Plane *plane)
{
  const guint border = MAX (MIN (height, width) / 24, 1);

  fit_plane (rgb, height, width, border, NULL, plane);
  for (guint fit = 0; fit < 2 * N_FITS; fit++)
    {
      const Plane last = *plane;

      fit_plane (rgb, height, width, fit < N_FITS ? border : 0, &last, plane);
    }
}

static void
measure_contrast (const float *rgb, const Plane *plane, guint height, guint width, float *contrast)
{
  for (guint i = 0; i < height; i++)
    for (guint j = 0; j < width; j++)
      contrast[i * width + j] = (float)sqrt (squared_contrast (
          &rgb[(i * width + j) * 3], plane, coordinate (j, width), coordinate (i, height)));
}

/* The contrast of the PEAK_PIXELS-th most different pixel. */
static float
peak_contrast (const float *contrast, guint n)
{
  float peaks[PEAK_PIXELS] = {0}; /* descending */

  for (guint i = 0; i < n; i++)
    {
      guint place = PEAK_PIXELS - 1;

      if (contrast[i] <= peaks[place])
        continue;
      for (; place > 0 && peaks[place - 1] < contrast[i]; place--)
        peaks[place] = peaks[place - 1];
      peaks[place] = contrast[i];
    }
  return peaks[PEAK_PIXELS - 1];
}

/* Keeps the largest connected part of coverage > 1/2 and what lies within two pixels of it. Returns
 * the number of its pixels. */
static guint
keep_largest_part (float *coverage, guint height, guint width)
{
  const guint n = height * width;
  g_autofree guint *label = g_new0 (guint, n);
  g_autofree guint *stack = g_new (guint, n);
  guint n_labels = 0, best = 0, best_area = 0;

  for (guint start = 0; start < n; start++)
    {
      guint n_stack = 0, area = 0;

      if (label[start] != 0 || coverage[start] <= 0.5f)
        continue;
      label[start] = ++n_labels;
      stack[n_stack++] = start;
      while (n_stack > 0)
        {
          const guint at = stack[--n_stack], i = at / width, j = at % width;
          const guint neighbours[4] = {i > 0 ? at - width : at, i + 1 < height ? at + width : at,
                                       j > 0 ? at - 1 : at, j + 1 < width ? at + 1 : at};

          area++;
          for (guint k = 0; k < 4; k++)
            if (label[neighbours[k]] == 0 && coverage[neighbours[k]] > 0.5f)
              {
                label[neighbours[k]] = n_labels;
                stack[n_stack++] = neighbours[k];
              }
        }
      if (area > best_area)
        {
          best_area = area;
          best = n_labels;
        }
    }

  for (guint i = 0; i < height; i++)
    for (guint j = 0; j < width; j++)
      {
        gboolean near_it = FALSE;

        for (guint y = i < 2 ? 0 : i - 2; y <= MIN (i + 2, height - 1) && !near_it; y++)
          for (guint x = j < 2 ? 0 : j - 2; x <= MIN (j + 2, width - 1) && !near_it; x++)
            near_it = best_area > 0 && label[y * width + x] == best;
        if (!near_it)
          coverage[i * width + j] = 0;
      }
  return best_area;
}

/* Mean colour of the figure's core in one frame; FALSE if nothing stands out. */
static gboolean
core_color (const float *rgb, const float *contrast, guint n, float color[3])
{
  const float peak = peak_contrast (contrast, n);
  double sum[3] = {0};
  guint count = 0;

  if (peak < MIN_CONTRAST)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (contrast[i] >= CORE_CONTRAST * peak)
      {
        for (guint c = 0; c < 3; c++)
          sum[c] += rgb[3 * i + c];
        count++;
      }
  for (guint c = 0; c < 3; c++)
    color[c] = (float)(sum[c] / count);
  return TRUE;
}

static int
compare_descending (gconstpointer a, gconstpointer b)
{
  const float x = *(const float *)a, y = *(const float *)b;

  return (x < y) - (x > y);
}

static float
median (float *values, guint n)
{
  qsort (values, n, sizeof (float), compare_descending);
  return values[n / 2];
}

/* How far a pixel is on the way from the background's colour to the figure's. */
static void
measure_coverage (const float *rgb, const Plane *plane, const float color[3], guint height,
                  guint width, float *coverage)
{
  for (guint i = 0; i < height; i++)
    for (guint j = 0; j < width; j++)
      {
        double along = 0, length = 0, back[3];

        plane_at (plane, coordinate (j, width), coordinate (i, height), back);
        for (guint c = 0; c < 3; c++)
          {
            const double way = color[c] - back[c];

            along += (rgb[(i * width + j) * 3 + c] - back[c]) * way;
            length += way * way;
          }
        coverage[i * width + j] = (float)CLAMP (along / MAX (length, 1e-6), 0, 1);
      }
}

void
tpd_judge_mask_init (TpdJudgeMask *self, const float *rgb, TpdClipSize size)
{
  const guint n = size.height * size.width;
  g_autofree float *unit = g_new (float, (gsize)size.frames *n * 3);
  g_autofree float *contrast = g_new (float, n);
  g_autofree Plane *planes = g_new0 (Plane, size.frames);
  g_autofree float *colors = g_new (float, 3 * size.frames); /* [3, n_found] */

  *self = (TpdJudgeMask){.size = size};
  self->coverage = g_new0 (float, (gsize)size.frames *n);
  self->found = g_new0 (gboolean, size.frames);
  for (gsize i = 0; i < (gsize)size.frames * n * 3; i++)
    unit[i] = CLAMP ((rgb[i] + 1) / 2, 0, 1);

  for (guint f = 0; f < size.frames; f++)
    {
      float color[3];

      fit_background (unit + (gsize)f * n * 3, size.height, size.width, &planes[f]);
      measure_contrast (unit + (gsize)f * n * 3, &planes[f], size.height, size.width, contrast);
      self->found[f] = core_color (unit + (gsize)f * n * 3, contrast, n, color);
      if (!self->found[f])
        continue;
      for (guint c = 0; c < 3; c++)
        colors[c * size.frames + self->n_found] = color[c];
      self->n_found++;
    }
  if (self->n_found == 0)
    return;
  for (guint c = 0; c < 3; c++)
    self->color[c] = median (colors + c * size.frames, self->n_found);

  self->n_found = 0;
  for (guint f = 0; f < size.frames; f++)
    {
      float *coverage = self->coverage + (gsize)f * n;

      /* noise differs from the background in all directions: its mean does not */
      if (!self->found[f] ||
          squared_contrast (self->color, &planes[f], 0, 0) < MIN_CONTRAST * MIN_CONTRAST)
        {
          self->found[f] = FALSE;
          continue;
        }
      measure_coverage (unit + (gsize)f * n * 3, &planes[f], self->color, size.height, size.width,
                        coverage);
      self->found[f] = keep_largest_part (coverage, size.height, size.width) >= MIN_AREA * n;
      self->n_found += self->found[f];
      if (!self->found[f])
        memset (coverage, 0, n * sizeof (float));
    }
}

void
tpd_judge_mask_clear (TpdJudgeMask *self)
{
  g_clear_pointer (&self->coverage, g_free);
  g_clear_pointer (&self->found, g_free);
}
