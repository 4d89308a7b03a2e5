/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-prompts.h"

#define MAX_REMEMBERED 20

/* Within what the bundled model has learned. */
static const char *const examples[] = {
    "a large yellow triangle moving right on a dark blue background",
    "a large red circle growing on a black background",
    "a medium blue square moving up on a white background",
    "a large purple star standing still on a black background",
    NULL,
};

const char *const *
tpda_prompts_get_examples (void)
{
  return examples;
}

void
tpda_prompts_remember (GSettings *settings, const char *key, const char *prompt)
{
  g_auto (GStrv) before = g_settings_get_strv (settings, key);
  const char *now[MAX_REMEMBERED + 1] = {prompt};
  guint n = 1;

  if (prompt == NULL || *prompt == '\0')
    return;
  for (char **old = before; *old != NULL && n < MAX_REMEMBERED; old++)
    if (!g_str_equal (*old, prompt))
      now[n++] = *old;
  g_settings_set_strv (settings, key, now);
}
