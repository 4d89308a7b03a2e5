/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-scene.h"

#include <math.h>

/* Every motion is plain to see in 16 frames, and slow enough that every fourth frame of it (the
 * coarsest stage of three) still shows which one it is: a star may turn less than 36° in that time,
 * or it would seem to turn back. */
#define MARGIN     0.015 /* between a figure and the frame */
#define MIN_TRAVEL 0.36  /* of a straight motion; a diagonal one travels so far on both axes */
#define MAX_TRAVEL 0.56
#define MIN_SWING  0.36 /* height of a bounce */
#define MAX_SWING  0.46
#define MIN_ORBIT  0.19 /* radius */
#define MAX_ORBIT  0.27

static const double diameters[TPD_N_FIGURE_SIZES][2] = {
    [TPD_FIGURE_SIZE_SMALL] = {0.23, 0.25},
    [TPD_FIGURE_SIZE_MEDIUM] = {0.31, 0.34},
    [TPD_FIGURE_SIZE_LARGE] = {0.41, 0.44},
};

/* of TPD_MOTION_RIGHT and the seven that follow */
static const int directions[8][2] = {{1, 0},  {1, 1},   {0, 1},  {-1, 1},
                                     {-1, 0}, {-1, -1}, {0, -1}, {1, -1}};

static gboolean
is_straight (TpdMotion motion)
{
  return motion >= TPD_MOTION_RIGHT && motion <= TPD_MOTION_UP_RIGHT;
}

TpdPose
tpd_scene_object_pose (const TpdSceneObject *object, double u)
{
  TpdPose pose = {object->start.x + u * object->travel.x, object->start.y + u * object->travel.y,
                  object->start.radius + u * object->travel.radius,
                  object->start.angle + u * object->travel.angle};

  if (object->traits.motion == TPD_MOTION_BOUNCE) /* parabolas between impacts on the floor y */
    {
      const double phase = object->phase + u / object->period;
      const double from_top = 2 * (phase - floor (phase)) - 1;

      pose.y -= object->swing * (1 - from_top * from_top);
    }
  else if (object->traits.motion == TPD_MOTION_ORBIT) /* around (x, y) */
    {
      const double angle = 2 * G_PI * (object->phase + u / object->period);

      pose.x += object->swing * cos (angle);
      pose.y += object->swing * sin (angle);
    }
  return pose;
}

/* A start on one axis from which `travel` keeps within [reach, extent − reach]; less travel where
 * there is no room. */
static void
place_on_axis (double reach, double extent, double *start, double *travel, TpdLot *lot)
{
  const double room = MAX (extent - 2 * reach, 0);
  const double length = MIN (fabs (*travel), room);
  const double low = reach + tpd_lot_between (lot, 0, room - length);

  *travel = copysign (length, *travel);
  *start = *travel < 0 ? low + length : low;
}

void
tpd_scene_object_place (TpdSceneObject *object, double width, double height, TpdLot *lot)
{
  const TpdMotion motion = object->traits.motion;
  const double *diameter = diameters[object->traits.size];
  const double figure_reach = tpd_figure_reach (object->traits.figure, motion == TPD_MOTION_SPIN);
  double reach;

  object->start.radius = tpd_lot_between (lot, diameter[0], diameter[1]) / 2;
  object->start.angle = 0;
  object->travel = (TpdPose){0};
  object->swing = 0;
  object->period = 1;
  object->phase = 0;

  if (motion == TPD_MOTION_GROW || motion == TPD_MOTION_SHRINK)
    {
      const double small = tpd_lot_between (lot, 0.16, 0.20) / 2;
      const double large = tpd_lot_between (lot, 0.42, 0.48) / 2;

      object->start.radius = motion == TPD_MOTION_GROW ? small : large;
      object->travel.radius = motion == TPD_MOTION_GROW ? large - small : small - large;
      reach = large * figure_reach + MARGIN;
    }
  else
    reach = object->start.radius * figure_reach + MARGIN;

  if (is_straight (motion))
    {
      const int *direction = directions[motion - TPD_MOTION_RIGHT];
      const double length = tpd_lot_between (lot, MIN_TRAVEL, MAX_TRAVEL);

      object->travel.x = length * direction[0];
      object->travel.y = length * direction[1];
    }
  else if (motion == TPD_MOTION_SPIN)
    object->travel.angle = tpd_lot_between (lot, 100, 130) * G_PI / 180;
  else if (motion == TPD_MOTION_BOUNCE)
    {
      object->swing = tpd_lot_between (lot, MIN_SWING, MAX_SWING);
      object->swing = MIN (object->swing, height - 2 * reach);
      object->period = tpd_lot_between (lot, 0.60, 0.75);
      object->phase = tpd_lot_between (lot, 0, 1);
    }
  else if (motion == TPD_MOTION_ORBIT)
    {
      object->swing = tpd_lot_between (lot, MIN_ORBIT, MAX_ORBIT);
      object->swing = MIN (object->swing, MIN (width, height) / 2 - reach);
      object->period = tpd_lot_between (lot, 1.0, 1.25);
      object->phase = tpd_lot_between (lot, 0, 1);
    }

  const double orbit = motion == TPD_MOTION_ORBIT ? object->swing : 0;
  const double bounce = motion == TPD_MOTION_BOUNCE ? object->swing : 0;

  place_on_axis (reach + orbit, width, &object->start.x, &object->travel.x, lot);
  place_on_axis (reach + orbit, height - bounce, &object->start.y, &object->travel.y, lot);
  object->start.y += bounce;
}

double
tpd_scene_object_gap (const TpdSceneObject *a, const TpdSceneObject *b)
{
  const guint n_moments = 24;
  double gap = G_MAXDOUBLE;

  for (guint i = 0; i < n_moments; i++)
    {
      const double u = i / (n_moments - 1.0);
      const TpdPose p = tpd_scene_object_pose (a, u), q = tpd_scene_object_pose (b, u);
      const double reaches = p.radius * tpd_figure_reach (a->traits.figure, TRUE) +
                             q.radius * tpd_figure_reach (b->traits.figure, TRUE);

      gap = MIN (gap, hypot (p.x - q.x, p.y - q.y) - reaches);
    }
  return gap;
}
