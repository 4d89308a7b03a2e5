/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-judge-private.h"

#include <math.h>

/* Angles tried: `steps` of them within the symmetry, some 15° apart. */
static const struct
{
  guint symmetry; /* turns into which a full one divides; 0 for round figures */
  guint steps;
} figures[TPD_N_FIGURES] = {
    [TPD_FIGURE_CIRCLE] = {0, 1}, [TPD_FIGURE_SQUARE] = {4, 6}, [TPD_FIGURE_TRIANGLE] = {3, 8},
    [TPD_FIGURE_STAR] = {5, 5},   [TPD_FIGURE_HEART] = {1, 24}, [TPD_FIGURE_RING] = {0, 1},
};

/* Area and centre of gravity of a figure of radius 1 (the latter on its axis). */
typedef struct
{
  double area;
  double center_y;
} Moments;

static const Moments *
get_moments (TpdFigure figure)
{
  static Moments moments[TPD_N_FIGURES];
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      const double step = 1 / 128.0, reach = 1.5;

      for (guint k = 0; k < TPD_N_FIGURES; k++)
        {
          for (double y = -reach; y < reach; y += step)
            for (double x = -reach; x < reach; x += step)
              if (tpd_figure_distance (k, x, y) < 0)
                {
                  moments[k].area += step * step;
                  moments[k].center_y += step * step * y;
                }
          moments[k].center_y /= moments[k].area;
        }
      g_once_init_leave (&ready, 1);
    }
  return &moments[figure];
}

double
tpd_figure_symmetry (TpdFigure figure)
{
  return figures[figure].symmetry > 0 ? 2 * G_PI / figures[figure].symmetry : 0;
}

/* Soft intersection over union: Σ min (a, b) / Σ max (a, b), b drawn as the rasteriser does. Pose
 * in pixels. */
static double
overlap (TpdFigure figure, const TpdPose *pose, const float *coverage, double area, guint height,
         guint width)
{
  const double reach = tpd_figure_reach (figure, TRUE) * pose->radius + 1;
  const double cosine = cos (pose->angle) / pose->radius, sine = sin (pose->angle) / pose->radius;
  const int top = MAX ((int)floor (pose->y - reach), 0);
  const int left = MAX ((int)floor (pose->x - reach), 0);
  const int bottom = MIN ((int)ceil (pose->y + reach), (int)height);
  const int right = MIN ((int)ceil (pose->x + reach), (int)width);
  double both = 0, ideal_area = 0;

  for (int i = top; i < bottom; i++)
    for (int j = left; j < right; j++)
      {
        const double x = j + 0.5 - pose->x, y = i + 0.5 - pose->y;
        const double d = tpd_figure_distance (figure, cosine * x + sine * y, cosine * y - sine * x);
        const double ideal = CLAMP (0.5 - d * pose->radius, 0, 1);

        ideal_area += ideal;
        both += MIN (ideal, coverage[(gsize)i * width + j]);
      }
  return both / (area + ideal_area - both);
}

TpdJudgeFit
tpd_judge_fit_figure (TpdFigure figure, const float *coverage, guint height, guint width)
{
  const Moments *moments = get_moments (figure);
  const double unit = MIN (height, width);
  double area = 0, x = 0, y = 0;
  TpdJudgeFit best = {.match = -1};

  for (guint i = 0; i < height; i++)
    for (guint j = 0; j < width; j++)
      {
        const double w = coverage[(gsize)i * width + j];

        area += w;
        x += w * (j + 0.5);
        y += w * (i + 0.5);
      }
  g_assert (area > 0);
  x /= area;
  y /= area;

  for (guint step = 0; step < figures[figure].steps; step++)
    {
      const double angle = step * tpd_figure_symmetry (figure) / figures[figure].steps;
      const double radius = sqrt (area / moments->area);
      const TpdPose pose = {.x = x + sin (angle) * moments->center_y * radius,
                            .y = y - cos (angle) * moments->center_y * radius,
                            .radius = radius,
                            .angle = angle};
      const double match = overlap (figure, &pose, coverage, area, height, width);

      if (match > best.match)
        best = (TpdJudgeFit){{pose.x / unit, pose.y / unit, radius / unit, angle}, match};
    }
  return best;
}
