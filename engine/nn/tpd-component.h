/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "tpd-param.h"

G_BEGIN_DECLS

#define TPD_TYPE_COMPONENT (tpd_component_get_type ())
TPD_API
G_DECLARE_INTERFACE (TpdComponent, tpd_component, TPD, COMPONENT, GObject)

/**
 * TpdComponentInterface:
 * @get_params: (transfer none): its parameters
 * @get_config: (transfer none): its config.json, with the keys of the reference implementation
 *
 * One part of a model directory: a denoiser, an autoencoder, a text encoder.
 */
struct _TpdComponentInterface
{
  GTypeInterface parent_iface;

  TpdParamStore *(*get_params) (TpdComponent *self);
  JsonObject *(*get_config) (TpdComponent *self);
};

/** tpd_component_get_params: Returns: (transfer none): its parameters */
TPD_API TpdParamStore *tpd_component_get_params (TpdComponent *self);
/** tpd_component_get_config: Returns: (transfer none): its config.json */
TPD_API JsonObject *tpd_component_get_config (TpdComponent *self);

/* ── reading config.json: each sets TPD_ERROR_INVALID_DATA naming file, key, expected and got ── */

/* *value stays as it is (the default) when the key is absent or null. */
gboolean tpd_config_get_int (JsonObject *config, const char *where, const char *key, gint64 min,
                             gint64 max, gint64 *value, GError **error);
gboolean tpd_config_get_double (JsonObject *config, const char *where, const char *key,
                                double *value, GError **error);
gboolean tpd_config_get_bool (JsonObject *config, const char *where, const char *key,
                              gboolean *value, GError **error);
/* *n is room in, length out. */
gboolean tpd_config_get_ints (JsonObject *config, const char *where, const char *key, gint64 min,
                              gint64 max, gint64 *values, guint *n, GError **error);
/* *value: owned by the config. `allowed` is NULL-terminated, or NULL for any. */
gboolean tpd_config_get_string (JsonObject *config, const char *where, const char *key,
                                const char *const *allowed, const char **value, GError **error);

G_END_DECLS
