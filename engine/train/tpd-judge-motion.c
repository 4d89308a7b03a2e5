/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-judge-private.h"

#include <math.h>

/* Lengths in units of the frame's shorter side. Real clips lie well beyond each of these bounds:
 * they travel 0.36, swing 0.36, turn 100°, grow by 0.74 in log diameter. */
#define MAX_REST   0.10 /* a figure that stays within so much rests */
#define MIN_TRAVEL 0.20
#define MAX_DEVIATION                                                                              \
  0.15 /* of a straight path, sideways or backwards, as a share of its length                      \
        */
#define MIN_SWING      0.20
#define MIN_GROWTH     0.45 /* natural logarithm of the ratio of diameters */
#define MAX_NO_GROWTH  0.25
#define MIN_TURN       (50 * G_PI / 180)
#define MAX_NO_TURN    (25 * G_PI / 180)
#define MIN_ORBIT_TURN (200 * G_PI / 180)
#define MIN_ORBIT      0.09 /* radius */

typedef struct
{
  const TpdPose *poses;
  guint n;
  double span_x, span_y; /* extent of the path */
  double growth;         /* of log diameter over the clip, by regression */
  double turn;           /* sum of small turns */
} Track;

/* Change of log radius over the whole clip, along the regression line. */
static double
measure_growth (const TpdPose *poses, guint n)
{
  const double middle = (n - 1) / 2.0;
  double covariance = 0, variance = 0;

  for (guint i = 0; i < n; i++)
    {
      covariance += (i - middle) * log (poses[i].radius);
      variance += (i - middle) * (i - middle);
    }
  return covariance / variance * (n - 1);
}

/* Sum of the turns between frames, each the smallest one that the figure's symmetry allows. */
static double
measure_turn (const TpdPose *poses, guint n, double symmetry)
{
  double turn = 0;

  if (symmetry == 0)
    return 0;
  for (guint i = 1; i < n; i++)
    turn += remainder (poses[i].angle - poses[i - 1].angle, symmetry);
  return turn;
}

static double
span (const double *values, guint n)
{
  double min = values[0], max = values[0];

  for (guint i = 1; i < n; i++)
    {
      min = MIN (min, values[i]);
      max = MAX (max, values[i]);
    }
  return max - min;
}

/* One of eight directions, if the path is straight and never turns back. */
static gboolean
find_direction (const Track *track, TpdMotion *motion)
{
  const TpdPose *first = &track->poses[0], *last = &track->poses[track->n - 1];
  const double dx = last->x - first->x, dy = last->y - first->y;
  const double length = hypot (dx, dy);
  double furthest = 0;

  if (length < MIN_TRAVEL)
    return FALSE;
  for (guint i = 0; i < track->n; i++)
    {
      const double x = track->poses[i].x - first->x, y = track->poses[i].y - first->y;
      const double along = (x * dx + y * dy) / length, across = (x * dy - y * dx) / length;

      furthest = MAX (furthest, along);
      if (fabs (across) > MAX_DEVIATION * length || along < furthest - MAX_DEVIATION * length ||
          along > (1 + MAX_DEVIATION) * length)
        return FALSE;
    }
  *motion = TPD_MOTION_RIGHT + ((int)lround (atan2 (dy, dx) / (G_PI / 4)) + 8) % 8;
  return TRUE;
}

/* Up and down with little to the sides: y turns round at least once, with MIN_SWING / 2 on both
 * sides of the turn. */
static gboolean
is_bouncing (const Track *track)
{
  double rise = 0, fall = 0, low, high;

  if (track->span_y < MIN_SWING || track->span_x > 0.4 * track->span_y)
    return FALSE;
  low = high = track->poses[0].y;
  for (guint i = 0; i < track->n; i++)
    {
      const double y = track->poses[i].y;

      low = MIN (low, y);
      high = MAX (high, y);
      rise = MAX (rise, high - y);
      fall = MAX (fall, y - low);
    }
  return MIN (rise, fall) >= MIN_SWING / 2;
}

/* A circle fitted to the path (Kåsa 1976), around which it goes most of a turn. */
static gboolean
is_orbiting (const Track *track)
{
  double mx = 0, my = 0, xx = 0, xy = 0, yy = 0, xz = 0, yz = 0, turn = 0, radius = 0, spread = 0;

  for (guint i = 0; i < track->n; i++)
    {
      mx += track->poses[i].x / track->n;
      my += track->poses[i].y / track->n;
    }
  for (guint i = 0; i < track->n; i++)
    {
      const double x = track->poses[i].x - mx, y = track->poses[i].y - my, z = x * x + y * y;

      xx += x * x;
      xy += x * y;
      yy += y * y;
      xz += x * z;
      yz += y * z;
    }
  const double det = 2 * (xx * yy - xy * xy);

  if (fabs (det) < 1e-9)
    return FALSE;
  mx += (xz * yy - yz * xy) / det;
  my += (yz * xx - xz * xy) / det;

  for (guint i = 0; i < track->n; i++)
    {
      const double x = track->poses[i].x - mx, y = track->poses[i].y - my;

      radius += hypot (x, y) / track->n;
      if (i > 0)
        {
          const double px = track->poses[i - 1].x - mx, py = track->poses[i - 1].y - my;

          turn += atan2 (px * y - py * x, px * x + py * y);
        }
    }
  for (guint i = 0; i < track->n; i++)
    spread = MAX (spread, fabs (hypot (track->poses[i].x - mx, track->poses[i].y - my) - radius));
  return radius >= MIN_ORBIT && spread <= 0.4 * radius && fabs (turn) >= MIN_ORBIT_TURN;
}

gboolean
tpd_judge_motion (const TpdPose *poses, guint n_poses, double symmetry, TpdMotion *motion)
{
  g_autofree double *x = g_new (double, n_poses);
  g_autofree double *y = g_new (double, n_poses);
  Track track = {.poses = poses, .n = n_poses};

  for (guint i = 0; i < n_poses; i++)
    {
      x[i] = poses[i].x;
      y[i] = poses[i].y;
    }
  track.span_x = span (x, n_poses);
  track.span_y = span (y, n_poses);
  track.growth = measure_growth (poses, n_poses);
  track.turn = measure_turn (poses, n_poses, symmetry);

  if (hypot (track.span_x, track.span_y) < MAX_REST)
    {
      if (fabs (track.growth) >= MIN_GROWTH)
        *motion = track.growth > 0 ? TPD_MOTION_GROW : TPD_MOTION_SHRINK;
      else if (fabs (track.turn) >= MIN_TURN)
        *motion = TPD_MOTION_SPIN;
      else if (fabs (track.growth) < MAX_NO_GROWTH && fabs (track.turn) < MAX_NO_TURN)
        *motion = TPD_MOTION_STILL;
      else
        return FALSE;
      return TRUE;
    }
  if (find_direction (&track, motion))
    return TRUE;
  if (is_bouncing (&track))
    *motion = TPD_MOTION_BOUNCE;
  else if (is_orbiting (&track))
    *motion = TPD_MOTION_ORBIT;
  else
    return FALSE;
  return TRUE;
}
