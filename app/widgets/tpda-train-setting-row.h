/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-train-settings.h"

G_BEGIN_DECLS

/* Takes the text that was entered; FALSE if it cannot be the setting's value. */
typedef gboolean (*TpdaTrainSettingFunc) (const TpdTrainSetting *setting, const char *text,
                                          gpointer data);

/* A row that edits a training's setting. Range, choices and explanation are those of the engine's
 * table. text is the first value; data must live as long as the row. */
GtkWidget *tpda_train_setting_row_new (const TpdTrainSetting *setting, const char *text,
                                       TpdaTrainSettingFunc changed, gpointer data);

G_END_DECLS
