/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-solver.h"

#include "../ops/tpd-op.h"

G_DEFINE_ENUM_TYPE (TpdSolverKind, tpd_solver_kind, G_DEFINE_ENUM_VALUE (TPD_SOLVER_EULER, "euler"),
                    G_DEFINE_ENUM_VALUE (TPD_SOLVER_AB2, "ab2"),
                    G_DEFINE_ENUM_VALUE (TPD_SOLVER_AB2_HEUN, "ab2-heun"),
                    G_DEFINE_ENUM_VALUE (TPD_SOLVER_HEUN, "heun"))

void
tpd_solver_reset (TpdSolver *self)
{
  g_clear_pointer (&self->last_velocity, tpd_tensor_unref);
}

TpdTensor *
tpd_solver_step (TpdSolver *self, TpdContext *ctx, TpdTensor *y, double t0, double t1,
                 TpdVelocityFunc velocity, gpointer data)
{
  double h = tpd_chart_rho (self->chart, t1) - tpd_chart_rho (self->chart, t0);
  TpdTensor *u = velocity (ctx, y, t0, data), *slope = u;

  if (self->kind == TPD_SOLVER_HEUN ||
      (self->kind == TPD_SOLVER_AB2_HEUN && self->last_velocity == NULL))
    {
      TpdTensor *ahead = velocity (ctx, tpd_lincomb (ctx, 1, y, h, u), t1, data);

      slope = tpd_lincomb (ctx, 0.5, u, 0.5, ahead);
    }
  else if (self->kind != TPD_SOLVER_EULER && self->last_velocity != NULL)
    {
      double q = h / (2 * self->last_width);

      slope = tpd_lincomb (ctx, 1 + q, u, -q, self->last_velocity);
    }
  tpd_solver_reset (self);
  self->last_velocity = tpd_tensor_ref (u);
  self->last_width = h;
  return tpd_lincomb (ctx, 1, y, h, slope);
}
