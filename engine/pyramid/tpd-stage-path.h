/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"
#include "tpd-schedule.h"

G_BEGIN_DECLS

/* Training: the straight path of a stage and what the network should say on it.
 *
 * Write c = U D_{k+1} x0 for the clip as the coarser stage knows it, held to the rate of stage k,
 * and d = D_k x0 − c for the temporal detail that stage k adds. For the top stage c = D_K x0, d =
 * 0: K = 1 is vanilla diffusion. The stage's end points, with the same ε,
 *
 *     x̂_s = γ_s c + σ_s ε   (7)          x̂_e = γ_e (c + d) + σ_e ε   (8)
 *
 * lie on a straight line in the chart (y = x/a, g = γ/a, both forms; method.md section 4):
 *
 *     w   = (ρ_s − ρ_t)/(ρ_s − ρ_e)
 *     x_t = γ_t c + a_t w g_e d + σ_t ε                          (10) for DDIM, (12) for flow
 *     u   = (y_s − y_e)/(ρ_s − ρ_e) = ε + g' c − g_e d/(ρ_s − ρ_e)     (11); (13)/(s − e)
 *
 * where g' = dg/dρ is −1 for flow and 0 for DDIM. No large numbers are divided, and u stays finite
 * as γ_s → 0. */

/* What x_t and the target are made of at one time. */
typedef struct
{
  double x_clip, x_detail, x_noise;                /* x_t    = … c + … d + … ε */
  double target_clip, target_detail, target_noise; /* target = … c + … d + … ε */
} TpdPathCoefficients;

/**
 * tpd_stage_path_coefficients: (skip)
 * @k: stage, from 1 to K
 * @t: time in [e_k, s_k]
 *
 * The target is in the terms of the config: u for velocity and epsilon, u·(s − e) with the stage
 * unit, v = (u − σ_t x_t)/γ_t for v.
 *
 * Returns: the coefficients
 */
TPD_API TpdPathCoefficients tpd_stage_path_coefficients (const TpdSchedule *schedule, guint k,
                                                         double t);

/**
 * TpdStageClips:
 * @clip: D_k x0, what to align noise with
 * @coarse: c
 * @detail: (nullable): d; %NULL for the top stage, where it is zero
 *
 * A batch of clips as stage k sees it: [B, F_k, …], in the current scope.
 */
typedef struct
{
  TpdTensor *clip;
  TpdTensor *coarse;
  TpdTensor *detail;
} TpdStageClips;

/** tpd_stage_clips: (skip) splits clips x0 [B, F, …] at the full rate, F valid, f32 or f64 */
TPD_API TpdStageClips tpd_stage_clips (TpdContext *ctx, const TpdSchedule *schedule, guint k,
                                       TpdTensor *x0);

/**
 * tpd_stage_path: (skip)
 * @clips: what tpd_stage_clips() gave
 * @noise: ε, shaped like @clips->clip
 * @t: B times in [e_k, s_k]
 * @target: (out) (optional): what the network should return
 *
 * Inputs of a training step (Algorithm 2).
 *
 * Returns: (transfer none): x_t, what the network sees, at timesteps tpd_chart_timestep (t) and the
 *   stage's frame stride
 */
TPD_API TpdTensor *tpd_stage_path (TpdContext *ctx, const TpdSchedule *schedule, guint k,
                                   const TpdStageClips *clips, TpdTensor *noise, const double *t,
                                   TpdTensor **target);

/**
 * tpd_stage_velocity: (skip)
 * @trained: what the network was trained with
 * @schedule: the stages that it is run with; the same ones, unless a vanilla network runs a pyramid
 *   without training
 * @x: what the network saw in stage @k at time @t
 * @output: what it said
 *
 * Translates a network's output into the chart velocity u = dy/dρ: the inverse of the target's
 * terms.
 *
 * Returns: (transfer none): u
 */
TPD_API TpdTensor *tpd_stage_velocity (TpdContext *ctx, const TpdPyramidConfig *trained,
                                       const TpdSchedule *schedule, guint k, double t,
                                       TpdTensor *output, TpdTensor *x);

/**
 * tpd_stage_clean_estimate: (skip)
 * @trained, @schedule: as in tpd_stage_velocity()
 * @y: x/a in stage @k at time @t
 * @u: the chart velocity there
 *
 * The clean clip of the stage that u points to. Solving the equations above for c + φ d gives
 *
 *     z = y − ρ_t u = c + φ d,   φ = g_e ρ_s/(ρ_s − ρ_e)
 *
 * In the top stage d = 0 and z is the estimate, as it is for a vanilla network. Elsewhere z
 * overshoots the detail (φ = 3.4 for DDIM), but U D z = c, so c + (z − c)/φ is the clip.
 *
 * Returns: (transfer none): an estimate of D_k x0; exact if u is
 */
TPD_API TpdTensor *tpd_stage_clean_estimate (TpdContext *ctx, const TpdPyramidConfig *trained,
                                             const TpdSchedule *schedule, guint k, double t,
                                             TpdTensor *y, TpdTensor *u);

G_END_DECLS
