/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-error.h"

G_BEGIN_DECLS

#define TPD_TYPE_CLIP_TOKENIZER (tpd_clip_tokenizer_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdClipTokenizer, tpd_clip_tokenizer, TPD, CLIP_TOKENIZER, GObject)

/**
 * TpdClipTokenizer:
 *
 * CLIP's tokenizer: text → Unicode NFC → lower case → words → byte-pair encoding → ids. It gives
 * the ids of transformers' CLIPTokenizerFast for any vocabulary in CLIP's file format. Immutable,
 * hence thread-safe.
 */

/**
 * tpd_clip_tokenizer_new_from_dir:
 * @dir: a folder with `vocab.json`, `merges.txt` and, if need be, `tokenizer_config.json`
 * @error: return location; TPD_ERROR_NOT_FOUND, TPD_ERROR_INVALID_DATA or a GFileError, naming the
 * file
 *
 * Returns: (transfer full) (nullable): the tokenizer
 */
TPD_API TpdClipTokenizer *tpd_clip_tokenizer_new_from_dir (const char *dir, GError **error);

/** tpd_clip_tokenizer_get_vocab_size: Returns: rows an embedding of its ids needs */
TPD_API guint tpd_clip_tokenizer_get_vocab_size (TpdClipTokenizer *self);
/** tpd_clip_tokenizer_get_max_length: Returns: tokens a text encoder of this vocabulary takes,
 * start and end included: `model_max_length`, 77 if the configuration does not say */
TPD_API guint tpd_clip_tokenizer_get_max_length (TpdClipTokenizer *self);
/** tpd_clip_tokenizer_get_bos_id: Returns: the id every text starts with */
TPD_API gint32 tpd_clip_tokenizer_get_bos_id (TpdClipTokenizer *self);
/** tpd_clip_tokenizer_get_eos_id: Returns: the id every text ends with */
TPD_API gint32 tpd_clip_tokenizer_get_eos_id (TpdClipTokenizer *self);
/** tpd_clip_tokenizer_get_pad_id: Returns: the id after that; in SD 1.5 the same as the end */
TPD_API gint32 tpd_clip_tokenizer_get_pad_id (TpdClipTokenizer *self);

/**
 * tpd_clip_tokenizer_encode:
 * @text: what to encode; bytes that are not UTF-8 count as U+FFFD
 * @length: tokens wanted, at least 2
 * @ids: (array length=length) (out caller-allocates): start, text, end, padding
 * @mask: (array length=length) (out caller-allocates) (optional): 1 for a token, 0 for padding
 *
 * Returns: tokens that the whole text needs, start and end included; if that is more than @length,
 * the last ones of the text were left out
 */
TPD_API guint tpd_clip_tokenizer_encode (TpdClipTokenizer *self, const char *text, guint length,
                                         gint32 *ids, gint32 *mask);

/**
 * tpd_clip_tokenizer_list_unknown_words:
 * @text: a prompt
 *
 * Which words of a prompt the vocabulary does not know, so that the user can be told. A vocabulary
 * of a few thousand entries was made for a list of words: what is not one token of it is unknown. A
 * large one spells out rare words in parts that its model has seen: unknown is what cannot be
 * spelled.
 *
 * Returns: (transfer full) (array zero-terminated=1): the words in lower case, each once, in the
 * order of the text
 */
TPD_API char **tpd_clip_tokenizer_list_unknown_words (TpdClipTokenizer *self, const char *text);

G_END_DECLS
