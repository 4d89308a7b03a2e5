/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "train/tpd-train-config.h"

G_BEGIN_DECLS

/* A training's settings as text and JSON, from the engine's table of them. */

/* The table's line; NULL if it has none of this name. */
const TpdTrainSetting *tpda_train_setting_find (const char *name);

/* The value as one would type it; NULL for none. */
char *tpda_train_setting_get (const TpdTrainConfig *config, const char *name);

/* Takes over what the object says (tpd_train_config_to_json() wrote it). What it does not say stays
 * as it is, names that the engine does not know are passed over. TPD_ERROR_INVALID_ARGUMENT. */
gboolean tpda_train_settings_load (TpdTrainConfig *config, JsonObject *json, GError **error);

/* The command's arguments: "--lr", "0.001", …; ends with NULL. */
GStrv tpda_train_settings_to_argv (const TpdTrainConfig *config);

/* What the setting is called for people; its help in the engine's table says the rest. */
const char *tpda_train_setting_title (const TpdTrainSetting *setting);

G_END_DECLS
