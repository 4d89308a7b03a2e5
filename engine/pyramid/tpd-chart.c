/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-chart.h"

#include <math.h>

struct _TpdChart
{
  gatomicrefcount ref_count;
  TpdForm form;

  /* DDIM only */
  TpdBetas betas;
  double *log_alpha_bar; /* owned; n + 1 numbers from log ᾱ(0) = 0, strictly falling */
};

G_DEFINE_ENUM_TYPE (TpdForm, tpd_form, G_DEFINE_ENUM_VALUE (TPD_FORM_FLOW, "flow"),
                    G_DEFINE_ENUM_VALUE (TPD_FORM_DDIM, "ddim"))
G_DEFINE_ENUM_TYPE (TpdBetaSchedule, tpd_beta_schedule,
                    G_DEFINE_ENUM_VALUE (TPD_BETA_SCHEDULE_SCALED_LINEAR, "scaled_linear"),
                    G_DEFINE_ENUM_VALUE (TPD_BETA_SCHEDULE_LINEAR, "linear"))
G_DEFINE_BOXED_TYPE (TpdChart, tpd_chart, tpd_chart_ref, tpd_chart_unref)

/* β of timestep i */
static double
beta (const TpdBetas *betas, guint i)
{
  double part = betas->n > 1 ? (double)i / (betas->n - 1) : 0, root;

  if (betas->schedule == TPD_BETA_SCHEDULE_LINEAR)
    return betas->start + (betas->end - betas->start) * part;
  root = sqrt (betas->start) + (sqrt (betas->end) - sqrt (betas->start)) * part;
  return root * root;
}

TpdChart *
tpd_chart_new (TpdForm form, const TpdBetas *betas)
{
  TpdChart *self;

  g_return_val_if_fail (form == TPD_FORM_FLOW || (betas != NULL && betas->n > 0), NULL);

  self = g_new0 (TpdChart, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->form = form;
  if (form == TPD_FORM_FLOW)
    return self;
  self->betas = *betas;
  self->log_alpha_bar = g_new0 (double, betas->n + 1);
  for (guint i = 0; i < betas->n; i++)
    self->log_alpha_bar[i + 1] = self->log_alpha_bar[i] + log1p (-beta (betas, i));
  return self;
}

TpdChart *
tpd_chart_ref (TpdChart *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
tpd_chart_unref (TpdChart *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->log_alpha_bar);
  g_free (self);
}

TpdForm
tpd_chart_get_form (const TpdChart *self)
{
  return self->form;
}

/* log ᾱ at t, linear between timesteps */
static double
log_alpha_bar (const TpdChart *self, double t)
{
  double index = CLAMP (t, 0, 1) * self->betas.n;
  guint i = MIN ((guint)index, self->betas.n - 1);
  const double *table = self->log_alpha_bar;

  return table[i] + (index - i) * (table[i + 1] - table[i]);
}

double
tpd_chart_gamma (const TpdChart *self, double t)
{
  return self->form == TPD_FORM_FLOW ? 1 - t : exp (0.5 * log_alpha_bar (self, t));
}

double
tpd_chart_sigma (const TpdChart *self, double t)
{
  return self->form == TPD_FORM_FLOW ? t : sqrt (-expm1 (log_alpha_bar (self, t)));
}

double
tpd_chart_a (const TpdChart *self, double t)
{
  return self->form == TPD_FORM_FLOW ? 1 : tpd_chart_gamma (self, t);
}

double
tpd_chart_noise_ratio (const TpdChart *self, double t)
{
  /* σ²/γ² = (1 − ᾱ)/ᾱ; expm1 keeps its digits near t = 0, where ᾱ is almost 1 */
  return self->form == TPD_FORM_FLOW ? t / (1 - t) : sqrt (expm1 (-log_alpha_bar (self, t)));
}

double
tpd_chart_rho (const TpdChart *self, double t)
{
  return self->form == TPD_FORM_FLOW ? t : tpd_chart_noise_ratio (self, t);
}

double
tpd_chart_time_of_noise_ratio (const TpdChart *self, double ratio)
{
  const double *table = self->log_alpha_bar;
  guint low = 0, high = self->betas.n;
  double wanted;

  if (self->form == TPD_FORM_FLOW)
    return isinf (ratio) ? 1 : ratio / (1 + ratio);
  wanted = -log1p (ratio * ratio);
  if (wanted <= table[high])
    return 1;
  /* the timesteps between which log ᾱ passes the wanted value */
  while (high - low > 1)
    {
      guint middle = (low + high) / 2;

      if (table[middle] >= wanted)
        low = middle;
      else
        high = middle;
    }
  return (low + (wanted - table[low]) / (table[high] - table[low])) / self->betas.n;
}

double
tpd_chart_time_of_rho (const TpdChart *self, double rho)
{
  return self->form == TPD_FORM_FLOW ? rho : tpd_chart_time_of_noise_ratio (self, rho);
}

double
tpd_chart_last_time (const TpdChart *self)
{
  if (self->form == TPD_FORM_FLOW || self->betas.set_alpha_to_one)
    return 0;
  return 1.0 / self->betas.n;
}

double
tpd_chart_timestep (const TpdChart *self, double t)
{
  return self->form == TPD_FORM_FLOW ? 1000 * t : MAX (self->betas.n * t - 1, 0);
}
