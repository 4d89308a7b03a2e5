/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "tpd-error.h"

G_BEGIN_DECLS

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
gboolean tpd_config_get_doubles (JsonObject *config, const char *where, const char *key,
                                 double *values, guint *n, GError **error);
/* *value: owned by the config. `allowed` is NULL-terminated, or NULL for any. */
gboolean tpd_config_get_string (JsonObject *config, const char *where, const char *key,
                                const char *const *allowed, const char **value, GError **error);
/* *value: owned by the config. */
gboolean tpd_config_get_object (JsonObject *config, const char *where, const char *key,
                                JsonObject **value, GError **error);

G_END_DECLS
