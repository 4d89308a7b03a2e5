/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-error.h"

G_BEGIN_DECLS

/* The model that comes with the program. */
#define TPD_BUNDLED_MODEL "shapes-64"

/* What makes a folder a model. */
#define TPD_MODEL_FILE "tpdiff.json"

/**
 * tpd_model_find:
 * @name: (nullable): name or folder of a model; %NULL is the bundled one
 * @error: return location: %TPD_ERROR_NOT_FOUND, with the models that there are
 *
 * Installed models are folders with a `tpdiff.json`. They are looked for in the folders of the
 * environment variable `TPDIFF_MODEL_PATH` (separated by colons), then in `tpdiff/models` of the
 * user's and the system's data folders. A name that none of them has, and anything with a slash, is
 * a folder's path.
 *
 * Returns: (transfer full) (nullable): the model's folder
 */
TPD_API char *tpd_model_find (const char *name, GError **error);

/**
 * tpd_model_list:
 *
 * Returns: (transfer full) (array zero-terminated=1): names of the installed models, sorted
 */
TPD_API char **tpd_model_list (void);

G_END_DECLS
