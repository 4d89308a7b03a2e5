/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "../core/tpd-error.h"
#include "tpd-chart.h"

G_BEGIN_DECLS

#define TPD_MAX_STAGES 8

/**
 * TpdDownsampling:
 * @TPD_DOWNSAMPLING_STRIDE: keep every second frame: low-rate clips stay natural video
 * @TPD_DOWNSAMPLING_MEAN: average pairs of frames
 *
 * How D_k lowers the frame rate (method.md section 3).
 */
typedef enum
{
  TPD_DOWNSAMPLING_STRIDE,
  TPD_DOWNSAMPLING_MEAN,
} TpdDownsampling;

#define TPD_TYPE_DOWNSAMPLING (tpd_downsampling_get_type ())
TPD_API GType tpd_downsampling_get_type (void);

/**
 * TpdVelocityUnit:
 * @TPD_VELOCITY_UNIT_GLOBAL: u itself, the scale of a vanilla flow model
 * @TPD_VELOCITY_UNIT_STAGE: u·(s_k − e_k), the paper's dx/dt' of (13); flow matching only
 *
 * The scale of what a flow model was trained to predict (method.md section 4).
 */
typedef enum
{
  TPD_VELOCITY_UNIT_GLOBAL,
  TPD_VELOCITY_UNIT_STAGE,
} TpdVelocityUnit;

#define TPD_TYPE_VELOCITY_UNIT (tpd_velocity_unit_get_type ())
TPD_API GType tpd_velocity_unit_get_type (void);

/**
 * TpdPrediction:
 * @TPD_PREDICTION_VELOCITY: flow matching: u
 * @TPD_PREDICTION_EPSILON: DDIM: u, which is ε_k of (11)
 * @TPD_PREDICTION_V: DDIM: v, with u = γ_t v + σ_t x_t
 *
 * What a network's output means.
 */
typedef enum
{
  TPD_PREDICTION_VELOCITY,
  TPD_PREDICTION_EPSILON,
  TPD_PREDICTION_V,
} TpdPrediction;

#define TPD_TYPE_PREDICTION (tpd_prediction_get_type ())
TPD_API GType tpd_prediction_get_type (void);

/**
 * TpdPyramidConfig:
 * @form: flow matching or DDIM
 * @n_stages: K, from 1 (vanilla) to %TPD_MAX_STAGES
 * @n_boundaries: 0 for uniform stages, else K − 1
 * @boundaries: where stages meet: s_1 < … < s_{K−1}, strictly inside (0, 1); s_K is 1
 * @downsampling: how stages lower the frame rate
 * @prediction: what the output means
 * @velocity_unit: its scale
 * @causal_first_frame: whether latent frame 0 stands for one image alone (causal video VAE), so
 *   that it has no twin in any stage
 * @correlation: r of the jumps' noise, in [−1, 0); e_k follows from it
 * @betas: noise schedule of the DDIM form
 *
 * What a denoiser was trained with: the record that tpdiff.json keeps for each denoiser of a model
 * directory. K = 1 is vanilla diffusion and no special case anywhere.
 */
typedef struct
{
  TpdForm form;
  guint n_stages;
  guint n_boundaries;
  double boundaries[TPD_MAX_STAGES - 1];
  TpdDownsampling downsampling;
  TpdPrediction prediction;
  TpdVelocityUnit velocity_unit;
  gboolean causal_first_frame;
  double correlation;
  TpdBetas betas;
} TpdPyramidConfig;

#define TPD_TYPE_PYRAMID_CONFIG (tpd_pyramid_config_get_type ())
TPD_API GType tpd_pyramid_config_get_type (void);

/**
 * tpd_pyramid_config_init:
 * @self: (out caller-allocates): what to fill
 *
 * Sets the defaults: uniform stages, stride, the form's usual prediction, global unit, r = −1,
 * SD1.5 betas.
 */
TPD_API void tpd_pyramid_config_init (TpdPyramidConfig *self, TpdForm form, guint n_stages);

TPD_API TpdPyramidConfig *tpd_pyramid_config_copy (const TpdPyramidConfig *self);
TPD_API void tpd_pyramid_config_free (TpdPyramidConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdPyramidConfig, tpd_pyramid_config_free)

/**
 * tpd_pyramid_config_validate:
 *
 * Sets %TPD_ERROR_INVALID_ARGUMENT for a member out of range or two that contradict each other.
 *
 * Returns: whether the config is usable
 */
TPD_API gboolean tpd_pyramid_config_validate (const TpdPyramidConfig *self, GError **error);

/**
 * tpd_pyramid_config_to_json:
 *
 * Returns: (transfer full): the config as a JSON object; DDIM alone has the beta_* keys
 */
TPD_API JsonObject *tpd_pyramid_config_to_json (const TpdPyramidConfig *self);

/**
 * tpd_pyramid_config_from_json:
 * @self: (out caller-allocates): the config
 * @object: what tpd_pyramid_config_to_json() made; keys that are absent take their default, except
 *   "form" and "stages"
 * @where: names the file in messages
 *
 * Sets %TPD_ERROR_INVALID_DATA for a value of the wrong kind, else as
 * tpd_pyramid_config_validate(), with @where in front.
 *
 * Returns: whether it was read
 */
TPD_API gboolean tpd_pyramid_config_from_json (TpdPyramidConfig *self, JsonObject *object,
                                               const char *where, GError **error);

G_END_DECLS
