/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"
#include "tpd-schedule.h"

G_BEGIN_DECLS

/* Starting midway (video to video): instead of pure noise at t = 1, a given clip with as much noise
 * as the path of a stage has at some t0 < 1. What is sampled from there keeps of the clip what that
 * noise does not hide (SDEdit, Meng et al. 2022). */

/**
 * TpdMidway:
 * @stage: k, the stage to begin in
 * @time: t0 in (e_k, s_k]
 */
typedef struct
{
  guint stage;
  double time;
} TpdMidway;

/**
 * tpd_midway_find: (skip)
 * @strength: in (0, 1]
 *
 * t0 = 1 − (1 − strength) (1 − e_1): from e_1, where sampling ends, to 1, and 1 exactly. Where t0
 * lies in two stages, on [e_{k+1}, s_k], it is the finer one: it knows more frames of the clip, and
 * there is less to do.
 *
 * Returns: where to begin; stage K for strength 1
 */
TPD_API TpdMidway tpd_midway_find (const TpdSchedule *schedule, double strength);

/**
 * tpd_midway_steps: (skip)
 * @n: steps of the whole stage
 * @spacing: as in tpd_steps_time()
 *
 * Returns: how many of them a stage entered at @time needs, so that they stay about as wide: those
 *   that begin later, and the one under way; from 1 to @n
 */
TPD_API guint tpd_midway_steps (const TpdStage *stage, double time, guint n, double spacing);

/**
 * tpd_midway_noise: (skip)
 * @trained: what the network was trained with
 * @schedule: the stages that it is run with
 * @x0: clips at the full rate [B, F, …]
 * @noise: ε, as stage @start.stage has it: [B, F_k, …]
 *
 * x_t0 of the stage's path, as training makes it (tpd-stage-path.h): γ_t c + a_t w g_e d + σ_t ε. A
 * vanilla network that runs a pyramid without training knows no stages: γ_t D_k x0 + σ_t ε.
 *
 * Returns: (transfer none): x_t0, in the current scope
 */
TPD_API TpdTensor *tpd_midway_noise (TpdContext *ctx, const TpdPyramidConfig *trained,
                                     const TpdSchedule *schedule, TpdMidway start, TpdTensor *x0,
                                     TpdTensor *noise);

G_END_DECLS
