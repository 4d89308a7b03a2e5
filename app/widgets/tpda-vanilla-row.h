/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-generator.h"
#include "tpda-player.h"

G_BEGIN_DECLS

/* Makes a job's clip once more with the model's vanilla denoiser, from the same prompt and seed,
 * and shows both side by side with their times. */
#define TPDA_TYPE_VANILLA_ROW (tpda_vanilla_row_get_type ())
G_DECLARE_FINAL_TYPE (TpdaVanillaRow, tpda_vanilla_row, TPDA, VANILLA_ROW, AdwActionRow)

/* The generator and the player must live as long as the row is used. */
void tpda_vanilla_row_set_up (TpdaVanillaRow *self, TpdaGenerator *generator, TpdaPlayer *player);

/* The job to compare with, and what its model is. Insensitive, saying why, if the job is vanilla
 * itself or the model has no vanilla denoiser. */
void tpda_vanilla_row_set_job (TpdaVanillaRow *self, TpdaJob *job, const TpdModelInfo *model);

/* Whether it is this row that wants a job's clip. */
gboolean tpda_vanilla_row_owns (TpdaVanillaRow *self, TpdaJob *job);

G_END_DECLS
