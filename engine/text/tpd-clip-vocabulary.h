/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-error.h"

G_BEGIN_DECLS

/**
 * tpd_clip_vocabulary_write:
 * @dir: (type filename): the folder to write, made if need be
 * @texts: (array zero-terminated=1): what the words are taken from, such as captions
 * @max_length: tokens a text encoder will take, start and end included
 * @error: return location; what writing the files gave
 *
 * Makes a small vocabulary in CLIP's file format, in which every word of @texts is one token: byte-
 * pair encoding (Sennrich et al. 2016) trained on the set of words until nothing is left to merge.
 * Only bytes that the words use have tokens; the token `<|unk|>` stands for all others. The end
 * token has the largest id. The same words give the same files, in whatever order they come.
 *
 * Writes `vocab.json`, `merges.txt` and `tokenizer_config.json`, which
 * tpd_clip_tokenizer_new_from_dir() and transformers' CLIPTokenizerFast read.
 *
 * Returns: whether all went well
 */
TPD_API gboolean tpd_clip_vocabulary_write (const char *dir, const char *const *texts,
                                            guint max_length, GError **error);

G_END_DECLS
