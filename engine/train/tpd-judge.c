/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-judge-private.h"

#include <math.h>

#define MIN_FOUND_SHARE 0.75 /* of the frames: in fewer there is no figure to speak of */
/* Between the diameters of small, medium and large figures. */
#define MIN_MEDIUM 0.28
#define MIN_LARGE  0.375

/* Where the figure covers less than this it leaves a pixel alone. */
#define BARE 0.02f

static TpdColor
name_color (const float rgb[3])
{
  float seen[3], ideal[3];
  double least = G_MAXDOUBLE;
  TpdColor best = 0;

  tpd_rgb_to_oklab (rgb, seen);
  for (guint i = 0; i < TPD_N_COLORS; i++)
    {
      double distance = 0;

      tpd_rgb_to_oklab (tpd_color_get_rgb (i), ideal);
      for (guint c = 0; c < 3; c++)
        distance += (seen[c] - ideal[c]) * (seen[c] - ideal[c]);
      if (distance < least)
        {
          least = distance;
          best = i;
        }
    }
  return best;
}

/* The figure whose ideal overlaps best with the masks of all frames, and its poses over time. */
static void
find_figure (const TpdJudgeMask *mask, TpdVerdict *verdict, TpdPose *poses)
{
  const gsize n = (gsize)mask->size.height * mask->size.width;
  g_autofree TpdPose *tried = g_new (TpdPose, mask->n_found);

  verdict->figure_match = -1;
  for (guint figure = 0; figure < TPD_N_FIGURES; figure++)
    {
      double match = 0;
      guint n_tried = 0;

      for (guint f = 0; f < mask->size.frames; f++)
        if (mask->found[f])
          {
            const TpdJudgeFit fit = tpd_judge_fit_figure (figure, mask->coverage + f * n,
                                                          mask->size.height, mask->size.width);

            tried[n_tried++] = fit.pose;
            match += fit.match / mask->n_found;
          }
      if (match > verdict->figure_match)
        {
          verdict->figure_match = match;
          verdict->traits.figure = figure;
          for (guint i = 0; i < n_tried; i++)
            poses[i] = tried[i];
        }
    }
}

static TpdFigureSize
name_size (const TpdPose *poses, guint n_poses)
{
  double diameter = 0;

  for (guint i = 0; i < n_poses; i++)
    diameter += 2 * poses[i].radius / n_poses;
  return diameter < MIN_MEDIUM  ? TPD_FIGURE_SIZE_SMALL
         : diameter < MIN_LARGE ? TPD_FIGURE_SIZE_MEDIUM
                                : TPD_FIGURE_SIZE_LARGE;
}

static void
measure_flicker (const float *rgb, const TpdJudgeMask *mask, TpdVerdict *verdict)
{
  const gsize n = (gsize)mask->size.height * mask->size.width;
  const guint n_inner = mask->size.frames - 2;
  double all = 0, bare = 0;
  gsize n_bare = 0;

  for (guint f = 1; f <= n_inner; f++)
    for (gsize i = 0; i < n; i++)
      {
        const float *x = rgb + (f * n + i) * 3;
        const float *coverage = mask->coverage + f * n + i;
        double sum = 0;

        for (guint c = 0; c < 3; c++)
          sum +=
              fabs (x[c - (gssize)(3 * n)] - 2.0 * x[c] + x[c + 3 * n]) / 2; /* [−1, 1] → [0, 1] */
        all += sum;
        if (coverage[-(gssize)n] < BARE && coverage[0] < BARE && coverage[n] < BARE)
          {
            bare += sum;
            n_bare++;
          }
      }
  verdict->flicker = all / (3.0 * n * n_inner);
  verdict->background_flicker = bare / MAX (3.0 * n_bare, 1);
}

void
tpd_judge_clip (const float *rgb, TpdClipSize size, TpdVerdict *verdict)
{
  g_auto (TpdJudgeMask) mask = {0};
  g_autofree TpdPose *poses = g_new (TpdPose, size.frames);

  g_return_if_fail (size.frames >= 3 && size.height > 0 && size.width > 0);
  *verdict = (TpdVerdict){0};
  tpd_judge_mask_init (&mask, rgb, size);
  measure_flicker (rgb, &mask, verdict);
  verdict->found = mask.n_found >= MIN_FOUND_SHARE * size.frames;
  if (!verdict->found)
    return;

  verdict->traits.color = name_color (mask.color);
  find_figure (&mask, verdict, poses);
  verdict->traits.size = name_size (poses, mask.n_found);
  verdict->motion_is_clear = tpd_judge_motion (
      poses, mask.n_found, tpd_figure_symmetry (verdict->traits.figure), &verdict->traits.motion);
}
