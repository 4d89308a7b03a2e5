/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-types.h"
#include "tpd-dataset.h"
#include "tpd-train-config.h"

G_BEGIN_DECLS

/* What trainers make from their settings. */

/* (transfer full) (nullable): the clips to learn from */
TPD_API TpdDataset *tpd_train_setup_dataset (const TpdTrainConfig *config, GError **error);

/* (transfer full) (nullable): the config of the component named `key`, from the file or the preset
 * that the setting "config" names. TPD_ERROR_NOT_FOUND if it has none. */
JsonObject *tpd_train_setup_component_config (const TpdTrainConfig *config, const char *key,
                                              GError **error);

/* Number type of the model to write. */
TpdDtype tpd_train_setup_dtype (const TpdTrainConfig *config);

G_END_DECLS
