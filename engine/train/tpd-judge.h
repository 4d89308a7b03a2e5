/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "tpd-scene.h"

G_BEGIN_DECLS

/**
 * TpdVerdict:
 * @found: whether one figure stands out from the background in most frames
 * @traits: what it looks like and does; valid if found
 * @motion_is_clear: whether its path is one of the known motions at all; traits.motion is valid
 * only then
 * @figure_match: overlap with the ideal figure, intersection over union, 0 … 1
 * @flicker: mean |x(f−1) − 2 x(f) + x(f+1)| over all pixels, colours and inner frames, for x in
 * [0, 1]: 0 for what does not move, little for what moves steadily, much for what jumps or changes
 * @background_flicker: the same over pixels that the figure leaves alone in all three frames: 0 in
 * rendered clips
 *
 * What a judge without any network sees in a clip. Flicker has no absolute scale, since motion
 * itself causes some: compare its mean over many clips with that of real clips of the same prompts.
 */
typedef struct
{
  gboolean found;
  gboolean motion_is_clear;
  TpdTraits traits;
  double figure_match;
  double flicker;
  double background_flicker;
} TpdVerdict;

/**
 * tpd_judge_clip: (skip)
 * @rgb: a clip, [F, H, W, 3] in [−1, 1]; at least 3 frames
 * @verdict: (out caller-allocates): what it shows
 *
 * Reads the figure, colour, size and motion of the one object of a clip of the dataset `shapes`
 * from its pixels. The steps: a plane is fitted to each frame's background (tpd-judge-mask.c), what
 * differs from it gives a soft mask and a colour; the mask is compared with ideal figures
 * (tpd-judge-figure.c); its place, size and angle over time tell the motion (tpd-judge-motion.c).
 */
TPD_API void tpd_judge_clip (const float *rgb, TpdClipSize size, TpdVerdict *verdict);

/**
 * TpdScore: (skip)
 *
 * Counts over many clips; start from all zeros.
 */
typedef struct
{
  guint n_clips;
  guint n_found;
  guint n_color;
  guint n_figure;
  guint n_motion;
  guint n_size;
  guint n_all; /* colour, figure and motion right in one clip */
  double flicker;
  double background_flicker; /* both: sums over the clips */
  /* per intended figure, colour, motion: clips, and those in which it is right */
  guint figures[TPD_N_FIGURES][2];
  guint colors[TPD_N_COLORS][2];
  guint motions[TPD_N_MOTIONS][2];
} TpdScore;

/** tpd_score_add: (skip) counts one clip: what was asked for, and what the judge saw. */
TPD_API void tpd_score_add (TpdScore *self, const TpdTraits *intended, const TpdVerdict *verdict);

/**
 * tpd_score_to_json: (skip)
 *
 * Returns: (transfer full): {"clips", "found", "color", "shape", "motion", "size", "all",
 * "flicker", "background_flicker", "by_color": {"red": …}, "by_shape", "by_motion"}; shares from 0
 * to 1
 */
TPD_API JsonNode *tpd_score_to_json (const TpdScore *self);

G_END_DECLS
