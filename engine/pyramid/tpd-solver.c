/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-solver.h"

#include "../ops/tpd-op.h"

GType
tpd_solver_kind_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
      {TPD_SOLVER_EULER, "Euler", "euler"},
      {TPD_SOLVER_AB2, "Adams–Bashforth, 2nd order", "ab2"},
      {TPD_SOLVER_AB2_HEUN, "Adams–Bashforth, started with Heun", "ab2-heun"},
      {TPD_SOLVER_HEUN, "Heun, 2nd order", "heun"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("TpdSolverKind", values));
  return type;
}

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
