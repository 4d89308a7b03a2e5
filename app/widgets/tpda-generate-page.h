/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-generator.h"
#include "tpda-model-list.h"

G_BEGIN_DECLS

/* Where clips are made: prompts, settings, the stages as they fill, and the player. Emits
 * `exported` (path) when a clip was. */
#define TPDA_TYPE_GENERATE_PAGE (tpda_generate_page_get_type ())
G_DECLARE_FINAL_TYPE (TpdaGeneratePage, tpda_generate_page, TPDA, GENERATE_PAGE, AdwBin)

/* Makes clips with this generator and these models; keeps the prompts and settings in these
 * GSettings. */
void tpda_generate_page_set_up (TpdaGeneratePage *self, TpdaGenerator *generator,
                                TpdaModelList *models, GSettings *settings);

/* The panel of settings, folded away in narrow windows. */
AdwFlap *tpda_generate_page_get_flap (TpdaGeneratePage *self);

/* Shows a request's prompts and settings. */
void tpda_generate_page_show_request (TpdaGeneratePage *self, const TpdRequest *request);

/* The same for a clip that was made before: device and previews stay as they are, and the seed is
 * locked, so that the next clip is that one again. */
void tpda_generate_page_use_settings (TpdaGeneratePage *self, const TpdRequest *request);

/* The job whose stages and clip are shown, NULL before the first. Borrowed. */
TpdaJob *tpda_generate_page_get_job (TpdaGeneratePage *self);

G_END_DECLS
