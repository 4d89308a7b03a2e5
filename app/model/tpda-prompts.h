/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Prompts that were used, in keys of GSettings: newest first, each once. */
#define TPDA_PROMPTS          "prompts"
#define TPDA_PROMPTS_NEGATIVE "negative-prompts"

/* An empty prompt is not remembered, and the oldest ones are forgotten. */
void tpda_prompts_remember (GSettings *settings, const char *key, const char *prompt);

/* Ends with NULL. */
const char *const *tpda_prompts_get_examples (void);

G_END_DECLS
