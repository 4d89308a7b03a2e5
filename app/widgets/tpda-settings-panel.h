/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "io/tpd-model-info.h"
#include "tpd-request.h"
#include "tpda-model-list.h"

G_BEGIN_DECLS

/* Everything that determines a clip but the prompts: model, device, previews, and the sampler's
 * settings in groups, made from the properties of TpdSamplerSettings.
 *
 * Emits `changed` when any of it does. */
#define TPDA_TYPE_SETTINGS_PANEL (tpda_settings_panel_get_type ())
G_DECLARE_FINAL_TYPE (TpdaSettingsPanel, tpda_settings_panel, TPDA, SETTINGS_PANEL, AdwBin)

/* The models to choose from, instead of those that were installed when the panel was made. The
 * choice is the list's current model. */
void tpda_settings_panel_set_models (TpdaSettingsPanel *self, TpdaModelList *list);

/* Writes what is set into a request. */
void tpda_settings_panel_fill (TpdaSettingsPanel *self, TpdRequest *request);

/* Shows a request's settings. A model that is not installed is left out. */
void tpda_settings_panel_show (TpdaSettingsPanel *self, const TpdRequest *request);

/* The chosen model; NULL, and why in *error, if it cannot be read. Borrowed. */
const TpdModelInfo *tpda_settings_panel_get_model (TpdaSettingsPanel *self, const GError **error);

/* Rolls the seed unless it is locked: before each clip. */
void tpda_settings_panel_next_seed (TpdaSettingsPanel *self);

/* Keeps the seed from being rolled. */
void tpda_settings_panel_lock_seed (TpdaSettingsPanel *self);

G_END_DECLS
