/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"
#include "tpd-chart.h"

G_BEGIN_DECLS

/**
 * TpdSolverKind:
 * @TPD_SOLVER_EULER: first order, one evaluation a step; on the DDIM chart this is DDIM
 * @TPD_SOLVER_AB2: Adams–Bashforth, second order, one evaluation a step; the first step of each
 *   stage is Euler's
 * @TPD_SOLVER_AB2_HEUN: the same with Heun's as the first step: one more evaluation a stage
 * @TPD_SOLVER_HEUN: second order, two evaluations a step
 *
 * How a stage's equation dy/dρ = u is solved (method.md section 7).
 */
typedef enum
{
  TPD_SOLVER_EULER,
  TPD_SOLVER_AB2,
  TPD_SOLVER_AB2_HEUN,
  TPD_SOLVER_HEUN,
} TpdSolverKind;

#define TPD_TYPE_SOLVER_KIND (tpd_solver_kind_get_type ())
TPD_API GType tpd_solver_kind_get_type (void);

/* u at (y, t), in the current scope. */
typedef TpdTensor *(*TpdVelocityFunc) (TpdContext *ctx, TpdTensor *y, double t, gpointer data);

/* A solver under way. y is in the chart's coordinates, y = x/a. */
typedef struct
{
  TpdSolverKind kind;
  const TpdChart *chart;    /* borrowed */
  TpdTensor *last_velocity; /* owned; u at the beginning of the last step, NULL before the first */
  double last_width;        /* its Δρ */
} TpdSolver;

/**
 * tpd_solver_reset: (skip)
 *
 * Forgets the last step: after a jump, and when done.
 */
void tpd_solver_reset (TpdSolver *self);

/**
 * tpd_solver_step: (skip)
 *
 * One step from time t0 to t1 < t0, with h = ρ(t1) − ρ(t0) and u_n = u (y_n, t0):
 *
 *     Euler   y + h u_n
 *     Heun    y + h/2 (u_n + u (y + h u_n, t1))
 *     AB2     y + h ((1 + q) u_n − q u_{n−1}),  q = h/(2 h_{n−1}): any step widths
 *
 * Returns: (transfer none): y at t1, in the current scope
 */
TpdTensor *tpd_solver_step (TpdSolver *self, TpdContext *ctx, TpdTensor *y, double t0, double t1,
                            TpdVelocityFunc velocity, gpointer data);

G_END_DECLS
