/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-midway.h"

#include <math.h>

#include "tpd-stage-path.h"

TpdMidway
tpd_midway_find (const TpdSchedule *schedule, double strength)
{
  double end = tpd_schedule_get_stage (schedule, 1)->end;
  TpdMidway start = {.stage = 1, .time = 1 - (1 - strength) * (1 - end)};

  g_assert (strength > 0 && strength <= 1);

  while (start.stage < tpd_schedule_get_n_stages (schedule) &&
         start.time > tpd_schedule_get_stage (schedule, start.stage)->start)
    start.stage++;
  return start;
}

guint
tpd_midway_steps (const TpdStage *stage, double time, guint n, double spacing)
{
  /* the inverse of tpd_steps_time(); a rounding error is no step */
  double done = n * pow ((stage->start - time) / (stage->start - stage->end), 1 / spacing);

  return (guint)CLAMP (ceil (n - done - 1e-9), 1, n);
}

TpdTensor *
tpd_midway_noise (TpdContext *ctx, const TpdPyramidConfig *trained, const TpdSchedule *schedule,
                  TpdMidway start, TpdTensor *x0, TpdTensor *noise)
{
  TpdStageClips clips = tpd_stage_clips (ctx, schedule, start.stage, x0);
  g_autofree double *times = g_new (double, x0->view.shape[0]);

  for (gint64 i = 0; i < x0->view.shape[0]; i++)
    times[i] = start.time;
  if (trained->n_stages == 1)
    {
      clips.coarse = clips.clip;
      clips.detail = NULL;
    }
  return tpd_stage_path (ctx, schedule, start.stage, &clips, noise, times, NULL);
}
