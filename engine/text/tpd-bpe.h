/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-error.h"

G_BEGIN_DECLS

/* Byte-pair encoding over bytes, as GPT-2 and CLIP do it.                      Sennrich et al. 2016
 *
 * vocab.json maps a token to its id, merges.txt lists pairs of tokens, the most important first. A
 * word starts as its bytes, the last one marked as the end of the word; then, again and again, the
 * most important pair among neighbours (the leftmost of equals) becomes one token, until no pair
 * is left. Files write byte b as a printable character, tpd_bpe_byte_symbol (b). */
typedef struct _TpdBpe TpdBpe;

/* The mark on a word's last token. */
#define TPD_BPE_END_OF_WORD "</w>"

/* `unknown`: the token that stands for a byte without a token of its own.
 * TPD_ERROR_INVALID_DATA names the file and the line; GFileError if one cannot be read. */
TpdBpe *tpd_bpe_load (const char *vocab_path, const char *merges_path, const char *unknown,
                      GError **error);
void tpd_bpe_free (TpdBpe *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdBpe, tpd_bpe_free)

/* The character that stands for a byte in the files: the byte itself where Latin-1 prints it, else
 * the next free one from U+0100 on: bytes_to_unicode() of GPT-2. */
gunichar tpd_bpe_byte_symbol (guint8 byte);

/* One more than the largest id: the rows an embedding needs. */
guint tpd_bpe_get_size (TpdBpe *self);
/* The id of a token as the file writes it, or −1. */
gint32 tpd_bpe_find (TpdBpe *self, const char *token);
/* Appends the ids (gint32) of one word of n_bytes ≥ 1 bytes. O(n log n). */
void tpd_bpe_encode (TpdBpe *self, const char *word, gsize n_bytes, GArray *ids);

G_END_DECLS
