/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-scene.h"

#include <math.h>

/* Figures of radius 1. They differ in width so that they look equally large: a square as wide as a
 * circle looks larger, a star smaller. */
#define SQUARE_HALF    0.88
#define TRIANGLE_OUTER 1.24 /* centre to corner; centre to side is half of it */
#define STAR_OUTER     1.24 /* centre to tip */
#define STAR_INNER     0.52 /* centre to notch */
#define HEART_SCALE    1.92 /* width 1.21 · scale, height 1.10 · scale */
#define HEART_CENTER   0.55
#define RING_OUTER     1.06
#define RING_INNER     0.54

double
tpd_figure_reach (TpdFigure figure, gboolean turning)
{
  switch (figure)
    {
    case TPD_FIGURE_CIRCLE:
      return 1;
    case TPD_FIGURE_SQUARE:
      return turning ? SQUARE_HALF * G_SQRT2 : SQUARE_HALF;
    case TPD_FIGURE_TRIANGLE:
      return TRIANGLE_OUTER;
    case TPD_FIGURE_STAR:
      return STAR_OUTER;
    case TPD_FIGURE_HEART:
      return turning ? 1.25 : 1.16;
    case TPD_FIGURE_RING:
      return RING_OUTER;
    default:
      g_assert_not_reached ();
    }
}

/* All distances are exact near an edge; beyond a sharp corner they are those to the extended edge,
 * which only keeps the corner sharp. Hence the cheap folds instead of exact formulas. */

static double
triangle_distance (double x, double y)
{
  const double side = TRIANGLE_OUTER / 2;

  return fmax (y, fabs (x) * 0.8660254037844386 - y * 0.5) - side;
}

/* Mirrors fold the plane into one half of the upper tip, 0 … 36° off the axis; there the edge is
 * one line, from the tip to a notch. */
static double
star_distance (double x, double y)
{
  const double sine = 0.5877852522924731, cosine = 0.8090169943749475; /* of 36° */
  const double edge_x = STAR_INNER * sine, edge_y = STAR_INNER * cosine - STAR_OUTER;
  double px = fabs (x), py = -y, beyond;

  beyond = fmax (px * cosine - py * sine, 0);
  px -= 2 * beyond * cosine;
  py += 2 * beyond * sine;
  beyond = fmax (-px * cosine - py * sine, 0);
  px += 2 * beyond * cosine;
  py += 2 * beyond * sine;
  px = fabs (px);
  return ((py - STAR_OUTER) * edge_x - px * edge_y) / sqrt (edge_x * edge_x + edge_y * edge_y);
}

/* Two quarter discs and a quarter-turned square: Quilez, "2D distance functions". */
static double
heart_distance (double x, double y)
{
  const double px = fabs (x) / HEART_SCALE, py = -y / HEART_SCALE + HEART_CENTER;
  double d;

  if (px + py > 1)
    d = sqrt ((px - 0.25) * (px - 0.25) + (py - 0.75) * (py - 0.75)) - 0.35355339059327373;
  else
    {
      const double t = 0.5 * fmax (px + py, 0);
      const double top = px * px + (py - 1) * (py - 1);
      const double edge = (px - t) * (px - t) + (py - t) * (py - t);

      d = sqrt (fmin (top, edge)) * (px > py ? 1 : -1);
    }
  return d * HEART_SCALE;
}

double
tpd_figure_distance (TpdFigure figure, double x, double y)
{
  switch (figure)
    {
    case TPD_FIGURE_CIRCLE:
      return sqrt (x * x + y * y) - 1;
    case TPD_FIGURE_SQUARE:
      return fmax (fabs (x), fabs (y)) - SQUARE_HALF;
    case TPD_FIGURE_TRIANGLE:
      return triangle_distance (x, y);
    case TPD_FIGURE_STAR:
      return star_distance (x, y);
    case TPD_FIGURE_HEART:
      return heart_distance (x, y);
    case TPD_FIGURE_RING:
      return fabs (sqrt (x * x + y * y) - (RING_OUTER + RING_INNER) / 2) -
             (RING_OUTER - RING_INNER) / 2;
    default:
      g_assert_not_reached ();
    }
}

static void
paint_background (const TpdScene *scene, guint height, guint width, float *rgb)
{
  const double unit = MIN (height, width);
  const double dx = -sin (scene->gradient_angle), dy = cos (scene->gradient_angle);
  /* half the frame's extent in the gradient's direction */
  const double half = (fabs (dx) * width + fabs (dy) * height) / (2 * unit);
  float from[3], to[3];

  tpd_tone_get_ends (scene->tone, scene->gradient, from, to);
  for (guint i = 0; i < height; i++)
    for (guint j = 0; j < width; j++)
      {
        const double x = (j + 0.5 - width / 2.0) / unit, y = (i + 0.5 - height / 2.0) / unit;
        const float w = (float)(0.5 + (x * dx + y * dy) / (2 * half));

        for (guint c = 0; c < 3; c++)
          rgb[(i * width + j) * 3 + c] = 2 * (from[c] + w * (to[c] - from[c])) - 1;
      }
}

/* Coverage of a pixel by a straight edge at signed distance d (in pixels) is 1/2 − d, clamped. */
static void
paint_object (const TpdSceneObject *object, double u, guint height, guint width, float *rgb)
{
  const double unit = MIN (height, width);
  const TpdPose pose = tpd_scene_object_pose (object, u);
  const double cosine = cos (pose.angle) / pose.radius, sine = sin (pose.angle) / pose.radius;
  const double scale = pose.radius * unit;
  const double reach = tpd_figure_reach (object->traits.figure, TRUE) * pose.radius * unit + 1;
  const int top = CLAMP ((int)floor (pose.y * unit - reach), 0, (int)height);
  const int bottom = CLAMP ((int)ceil (pose.y * unit + reach), 0, (int)height);
  const int left = CLAMP ((int)floor (pose.x * unit - reach), 0, (int)width);
  const int right = CLAMP ((int)ceil (pose.x * unit + reach), 0, (int)width);
  const float *color = tpd_color_get_rgb (object->traits.color);

  for (int i = top; i < bottom; i++)
    for (int j = left; j < right; j++)
      {
        const double x = (j + 0.5) / unit - pose.x, y = (i + 0.5) / unit - pose.y;
        const double d = scale * tpd_figure_distance (object->traits.figure, cosine * x + sine * y,
                                                      cosine * y - sine * x);
        const float coverage = (float)CLAMP (0.5 - d, 0, 1);

        for (int c = 0; c < 3; c++)
          {
            float *pixel = &rgb[((gsize)i * width + j) * 3 + c];

            *pixel += coverage * (2 * color[c] - 1 - *pixel);
          }
      }
}

void
tpd_scene_render (const TpdScene *scene, double u, guint height, guint width, float *rgb)
{
  paint_background (scene, height, width, rgb);
  for (guint i = 0; i < scene->n_objects; i++)
    paint_object (&scene->objects[i], u, height, width, rgb);
}
