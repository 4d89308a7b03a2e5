/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../nn/tpd-param.h"

G_BEGIN_DECLS

#define TPD_TYPE_SAFETENSORS (tpd_safetensors_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdSafetensors, tpd_safetensors, TPD, SAFETENSORS, GObject)

/**
 * TpdSafetensors:
 *
 * Named tensors of a `.safetensors` file, or of the several files that a `.safetensors.index.json`
 * lists. The files are mapped into memory, not read: opening costs the header only, and pages that
 * nobody looks at are never loaded. Immutable, and so usable from several threads.
 *
 * Nothing in a file is trusted. A truncated, corrupt or hostile one gives %TPD_ERROR_INVALID_DATA
 * with file, tensor, expected and got; it never crashes. (A file that is shortened while it is
 * mapped would; writers in this program replace files, and never change one in place.)
 */

/**
 * tpd_safetensors_open:
 * @path: (type filename): a `.safetensors` file, or a `.safetensors.index.json`
 * @error: return location for an error
 *
 * Sets %TPD_ERROR_NOT_FOUND when there is no such file, %TPD_ERROR_INVALID_DATA when it is not what
 * it should be, or a %G_FILE_ERROR.
 *
 * Returns: (transfer full) (nullable): the file
 */
TPD_API TpdSafetensors *tpd_safetensors_open (const char *path, GError **error);

/**
 * tpd_safetensors_new_from_bytes:
 * @bytes: a whole file
 * @where: its name in messages
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the same from memory
 */
TPD_API TpdSafetensors *tpd_safetensors_new_from_bytes (GBytes *bytes, const char *where,
                                                        GError **error);

/** tpd_safetensors_get_path: Returns: (transfer none): what it was opened with */
TPD_API const char *tpd_safetensors_get_path (TpdSafetensors *self);

/** tpd_safetensors_get_names: Returns: (transfer none) (array zero-terminated=1): names of all
 * tensors, in the order of their data */
TPD_API const char *const *tpd_safetensors_get_names (TpdSafetensors *self);

/** tpd_safetensors_get_n_bytes: Returns: bytes of all tensors together */
TPD_API guint64 tpd_safetensors_get_n_bytes (TpdSafetensors *self);

/** tpd_safetensors_get_metadata: Returns: (transfer none) (nullable): the value of a key of
 * `__metadata__` */
TPD_API const char *tpd_safetensors_get_metadata (TpdSafetensors *self, const char *key);

/**
 * tpd_safetensors_lookup: (skip)
 * @name: a tensor's name
 * @tensor: (out): the tensor, borrowed: valid while @self lives; aligned for its dtype; BOOL reads
 * as u8; a scalar has no dimensions
 *
 * Returns: whether there is such a tensor
 */
TPD_API gboolean tpd_safetensors_lookup (TpdSafetensors *self, const char *name,
                                         TpdHostTensor *tensor);

/**
 * tpd_safetensors_require: (skip)
 *
 * The same for a tensor that must be there, with %TPD_ERROR_NOT_FOUND naming it and the file.
 */
TPD_API gboolean tpd_safetensors_require (TpdSafetensors *self, const char *name,
                                          TpdHostTensor *tensor, GError **error);

/** tpd_safetensors_lookup_func: (skip) a #TpdTensorLookup; @self is the #TpdSafetensors */
TPD_API gboolean tpd_safetensors_lookup_func (const char *name, TpdHostTensor *tensor,
                                              gpointer self);

G_END_DECLS
