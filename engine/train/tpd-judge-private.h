/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-judge.h"

G_BEGIN_DECLS

/* How much of each pixel the figure covers, and its colour. */
typedef struct
{
  TpdClipSize size;
  float *coverage; /* owned, [F, H, W], 0 … 1; all 0 where no figure stands out */
  gboolean *found; /* owned, [F] */
  guint n_found;
  float color[3]; /* sRGB in [0, 1], the median over the frames */
} TpdJudgeMask;

void tpd_judge_mask_init (TpdJudgeMask *self, const float *rgb, TpdClipSize size);
void tpd_judge_mask_clear (TpdJudgeMask *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TpdJudgeMask, tpd_judge_mask_clear)

/* A figure whose ideal overlaps with the coverage as `match` (intersection over union). */
typedef struct
{
  TpdPose pose; /* in the units of TpdScene */
  double match;
} TpdJudgeFit;

/* The best fit of `figure` to one frame of coverage: place and area are the mask's own, the angle
 * is searched. */
TpdJudgeFit tpd_judge_fit_figure (TpdFigure figure, const float *coverage, guint height,
                                  guint width);

/* Angle after which a figure looks the same; 0 for round ones. */
double tpd_figure_symmetry (TpdFigure figure);

/* Tells the motion from the poses over the clip; FALSE if it is none of the known ones. */
gboolean tpd_judge_motion (const TpdPose *poses, guint n_poses, double symmetry, TpdMotion *motion);

G_END_DECLS
