/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-macros.h"

G_BEGIN_DECLS

/* The two steps of CLIP's tokenizer that know Unicode. White space needs no clean-up: it only
 * separates words. */

/* Canonical composition (NFC), then each character in lower case, whatever the locale and the
 * characters around it. text: valid UTF-8. The reference normalises with the tables of Unicode 9,
 * this with GLib's: where a text stacks combining marks newer than that, their order may differ. */
char *tpd_clip_normalize (const char *text, gssize n_bytes);

/* Called with each word: n_bytes of UTF-8. */
typedef void (*TpdClipWordFunc) (const char *word, gsize n_bytes, gpointer data);

/* Splits normalised text as the regular expressions of CLIP and, inside their matches, of GPT-2 do:
 *
 *   <\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
 *
 * The first alternative that matches wins; GPT-2's then cuts the two long ones in three. */
void tpd_clip_split_words (const char *text, gsize n_bytes, TpdClipWordFunc func, gpointer data);

/* Whether a word is one of letters or digits, not of signs. */
gboolean tpd_clip_is_lexical (const char *word);

G_END_DECLS
