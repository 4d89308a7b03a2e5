/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "train/tpd-train-config.h"

G_BEGIN_DECLS

/* The folder of a training. Beside what `tpdiff train` writes (docs/training.md) there are
 *
 *     run.json          the settings, as tpd_train_config_to_json() writes them
 *     components.json   the shape of the network, if it is a new one
 *     error.txt         what it failed of, if it did */

/* Makes the folder; see tpda_training_new(). The paths of config are filled in. */
gboolean tpda_training_folder_create (const char *folder, const char *result, JsonObject *base,
                                      gboolean from_new, TpdTrainConfig *config, GError **error);

/* The folder's settings; `out` is the folder, wherever it was made. Leaves `out` NULL on errors. */
gboolean tpda_training_folder_read_config (const char *folder, TpdTrainConfig *config,
                                           GError **error);

/* Keeps what went wrong, or forgets it if error is NULL. */
void tpda_training_folder_write_error (const char *folder, const GError *error);

/* (transfer full) (nullable): what was kept */
GError *tpda_training_folder_read_error (const char *folder);

/* Whether the result was written after the last checkpoint, which happens at the end alone. */
gboolean tpda_training_folder_is_done (const char *folder, const TpdTrainConfig *config);

/* Paths of the pictures of samples, by age. */
GStrv tpda_training_folder_list_samples (const char *folder);

G_END_DECLS
