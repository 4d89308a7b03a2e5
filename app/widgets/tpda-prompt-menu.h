/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A button that offers prompts that were used before, and examples.
 *
 * Emits `chosen` (key, prompt), the key being one of tpda-prompts.h. */
#define TPDA_TYPE_PROMPT_MENU (tpda_prompt_menu_get_type ())
G_DECLARE_FINAL_TYPE (TpdaPromptMenu, tpda_prompt_menu, TPDA, PROMPT_MENU, AdwBin)

/* Offers what these settings remember. */
void tpda_prompt_menu_set_settings (TpdaPromptMenu *self, GSettings *settings);

G_END_DECLS
