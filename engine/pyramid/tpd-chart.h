/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-macros.h"

G_BEGIN_DECLS

/**
 * TpdForm:
 * @TPD_FORM_FLOW: flow matching: γ = 1 − t, σ = t
 * @TPD_FORM_DDIM: variance preserving: γ = √ᾱ, σ = √(1 − ᾱ)
 *
 * The two diffusion forms that (6) unifies: x_t = γ_t x0 + σ_t ε.
 */
typedef enum
{
  TPD_FORM_FLOW,
  TPD_FORM_DDIM,
} TpdForm;

#define TPD_TYPE_FORM (tpd_form_get_type ())
TPD_API GType tpd_form_get_type (void);

/**
 * TpdBetaSchedule:
 * @TPD_BETA_SCHEDULE_SCALED_LINEAR: √β grows linearly (latent diffusion)
 * @TPD_BETA_SCHEDULE_LINEAR: β grows linearly (DDPM)
 */
typedef enum
{
  TPD_BETA_SCHEDULE_SCALED_LINEAR,
  TPD_BETA_SCHEDULE_LINEAR,
} TpdBetaSchedule;

#define TPD_TYPE_BETA_SCHEDULE (tpd_beta_schedule_get_type ())
TPD_API GType tpd_beta_schedule_get_type (void);

/**
 * TpdBetas:
 * @schedule: how β grows
 * @start: β of timestep 0, in (0, @end]
 * @end: β of the last timestep, below 1
 * @n: number of timesteps of the pretrained network
 * @set_alpha_to_one: whether sampling ends at ᾱ = 1, or else at ᾱ of timestep 0
 *
 * The noise schedule of the DDIM form, in the terms of diffusers' scheduler configs.
 */
typedef struct
{
  TpdBetaSchedule schedule;
  double start;
  double end;
  guint n;
  gboolean set_alpha_to_one;
} TpdBetas;

/* Stable Diffusion 1.5's: scaled-linear, 0.00085 … 0.012, 1000 timesteps. */
#define TPD_BETAS_SD15 ((TpdBetas){TPD_BETA_SCHEDULE_SCALED_LINEAR, 0.00085, 0.012, 1000, TRUE})

#define TPD_TYPE_CHART (tpd_chart_get_type ())
TPD_API GType tpd_chart_get_type (void);

/**
 * TpdChart: (ref-func tpd_chart_ref) (unref-func tpd_chart_unref)
 *
 * One equation for both forms (method.md section 4). A chart divides the clip by a_t and measures
 * progress with ρ_t, so that each stage of the pyramid is a straight line:
 *
 *     y = x / a_t,   y_t = g_t x0 + ρ_t ε,   dy/dρ = what the network predicts
 *
 *               γ_t          σ_t          a_t    ρ_t        g_t = γ_t / a_t
 *     flow      1 − t        t            1      t          1 − ρ
 *     DDIM      √ᾱ_t         √(1 − ᾱ_t)   γ_t    σ_t/γ_t    1
 *
 * t runs from 0 (the clip) to 1 (noise). For DDIM it is index n·t of ᾱ with ᾱ(0) = 1, and log ᾱ is
 * interpolated linearly, so that timesteps 0 … n − 1 of a pretrained network lie at t = 1/n … 1.
 * Immutable; all numbers are double.
 */
typedef struct _TpdChart TpdChart;

/**
 * tpd_chart_new:
 * @form: flow matching or DDIM
 * @betas: (nullable): the noise schedule, needed by DDIM only and valid
 *
 * Returns: (transfer full): a chart
 */
TPD_API TpdChart *tpd_chart_new (TpdForm form, const TpdBetas *betas);
TPD_API TpdChart *tpd_chart_ref (TpdChart *self);
TPD_API void tpd_chart_unref (TpdChart *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdChart, tpd_chart_unref)

/**
 * tpd_chart_get_form:
 *
 * Returns: the form
 */
TPD_API TpdForm tpd_chart_get_form (const TpdChart *self);
/**
 * tpd_chart_gamma:
 *
 * Returns: γ_t, the scale of the clip, in [0, 1]; t in [0, 1]
 */
TPD_API double tpd_chart_gamma (const TpdChart *self, double t);
/**
 * tpd_chart_sigma:
 *
 * Returns: σ_t, the scale of the noise, in [0, 1]; t in [0, 1]
 */
TPD_API double tpd_chart_sigma (const TpdChart *self, double t);
/**
 * tpd_chart_a:
 *
 * Returns: a_t, what x is divided by; t in [0, 1]
 */
TPD_API double tpd_chart_a (const TpdChart *self, double t);
/**
 * tpd_chart_rho:
 *
 * Returns: ρ_t, the abscissa; grows strictly with t in [0, 1]
 */
TPD_API double tpd_chart_rho (const TpdChart *self, double t);
/**
 * tpd_chart_time_of_rho:
 *
 * Returns: the time at which ρ is @rho, the inverse of tpd_chart_rho()
 */
TPD_API double tpd_chart_time_of_rho (const TpdChart *self, double rho);
/**
 * tpd_chart_noise_ratio:
 *
 * Returns: σ_t/γ_t, from 0 to (flow, t = 1) infinity
 */
TPD_API double tpd_chart_noise_ratio (const TpdChart *self, double t);
/**
 * tpd_chart_time_of_noise_ratio:
 *
 * Returns: the time at which σ/γ is @ratio
 */
TPD_API double tpd_chart_time_of_noise_ratio (const TpdChart *self, double ratio);
/**
 * tpd_chart_last_time:
 *
 * Returns: where sampling ends: 0, or 1/n if not set_alpha_to_one
 */
TPD_API double tpd_chart_last_time (const TpdChart *self);

/**
 * tpd_chart_timestep:
 *
 * What the network is told at time t: 1000·t (flow), or n·t − 1 clamped at 0 (DDIM): a real number.
 *
 * Returns: the timestep
 */
TPD_API double tpd_chart_timestep (const TpdChart *self, double t);

G_END_DECLS
