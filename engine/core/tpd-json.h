/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "tpd-error.h"

G_BEGIN_DECLS

/* Largest JSON file that is read: an index of some 100,000 tensors. */
#define TPD_JSON_MAX_BYTES (32 * 1024 * 1024)

/* The object in a JSON file; safe for files from strangers. TPD_ERROR_NOT_FOUND when there is no
 * such file, TPD_ERROR_INVALID_DATA when it holds no JSON object. Reading its members: see
 * tpd_config_get_*() in tpd-config.h. */
JsonObject *tpd_json_read_file (const char *path, GError **error);

/* The same from memory; `where` names it in messages. */
JsonObject *tpd_json_parse (const char *text, gsize length, const char *where, GError **error);

/* The object as indented text, with a final newline. */
char *tpd_json_format (JsonObject *object);

G_END_DECLS
