/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "../core/tpd-error.h"
#include "tpd-solver.h"

G_BEGIN_DECLS

#define TPD_TYPE_SAMPLER_SETTINGS (tpd_sampler_settings_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdSamplerSettings, tpd_sampler_settings, TPD, SAMPLER_SETTINGS, GObject)

/**
 * TpdSamplerSettings:
 *
 * How to sample: THE definition of every setting. Names, ranges, defaults and descriptions are
 * those of its properties; the element, the command, the application and saved metadata derive
 * theirs from this class. What a setting means for a given model is settled by tpd_sampler_new().
 */

/**
 * tpd_sampler_settings_new:
 *
 * Returns: (transfer full): the defaults
 */
TPD_API TpdSamplerSettings *tpd_sampler_settings_new (void);

TPD_API guint tpd_sampler_settings_get_steps (TpdSamplerSettings *self);
TPD_API const char *tpd_sampler_settings_get_stage_steps (TpdSamplerSettings *self);
TPD_API guint tpd_sampler_settings_get_stages (TpdSamplerSettings *self);
TPD_API gboolean tpd_sampler_settings_get_training_free (TpdSamplerSettings *self);
TPD_API TpdSolverKind tpd_sampler_settings_get_sampler (TpdSamplerSettings *self);
TPD_API double tpd_sampler_settings_get_spacing (TpdSamplerSettings *self);
TPD_API double tpd_sampler_settings_get_guidance_scale (TpdSamplerSettings *self);
TPD_API double tpd_sampler_settings_get_correlation (TpdSamplerSettings *self);
TPD_API guint tpd_sampler_settings_get_num_frames (TpdSamplerSettings *self);
TPD_API guint64 tpd_sampler_settings_get_seed (TpdSamplerSettings *self);

/**
 * tpd_sampler_settings_copy:
 *
 * Returns: (transfer full): settings of their own with the same values
 */
TPD_API TpdSamplerSettings *tpd_sampler_settings_copy (TpdSamplerSettings *self);

/**
 * tpd_sampler_settings_fill_in:
 * @defaults: settings that suit a model
 *
 * Takes from @defaults what was set there and was not set in @self: a model's defaults come before
 * those of this class, and what the user asked for before both. Who set a number of steps does not
 * get the steps per stage of @defaults.
 */
TPD_API void tpd_sampler_settings_fill_in (TpdSamplerSettings *self, TpdSamplerSettings *defaults);

/**
 * tpd_sampler_settings_to_json:
 *
 * Returns: (transfer full): every setting by its property name, and "version"
 */
TPD_API JsonObject *tpd_sampler_settings_to_json (TpdSamplerSettings *self);

/**
 * tpd_sampler_settings_from_json:
 * @object: what tpd_sampler_settings_to_json() made; settings that are absent take their default
 * @where: names the file in messages
 *
 * Sets %TPD_ERROR_INVALID_DATA for a setting that does not exist, is of the wrong kind or out of
 * range, %TPD_ERROR_UNSUPPORTED for a version of the future.
 *
 * Returns: (transfer full) (nullable): the settings
 */
TPD_API TpdSamplerSettings *tpd_sampler_settings_from_json (JsonObject *object, const char *where,
                                                            GError **error);

G_END_DECLS
