/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../nn/tpd-param.h"

G_BEGIN_DECLS

/**
 * TpdSafetensorsWriter: (skip)
 *
 * Writes a `.safetensors` file tensor by tensor, so that no more than one needs to be in memory:
 * declare them all, open the file, write each in any order, commit. Until the commit an old file of
 * that name stays as it is; see tpd_file_writer_open().
 *
 * The same calls give the same bytes. Metadata is sorted; wide dtypes come first, so that every
 * tensor is aligned in the file.
 */
typedef struct _TpdSafetensorsWriter TpdSafetensorsWriter;

/** tpd_safetensors_writer_new: (skip) */
TPD_API TpdSafetensorsWriter *tpd_safetensors_writer_new (void);

/** tpd_safetensors_writer_free: (skip) without a commit, nothing remains of the file */
TPD_API void tpd_safetensors_writer_free (TpdSafetensorsWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdSafetensorsWriter, tpd_safetensors_writer_free)

/**
 * tpd_safetensors_writer_declare: (skip)
 * @name: UTF-8, not declared before
 * @dtype: what the file will hold
 * @n_dims: 0 for a scalar
 */
TPD_API void tpd_safetensors_writer_declare (TpdSafetensorsWriter *self, const char *name,
                                             TpdDtype dtype, int n_dims, const gint64 *shape);

/** tpd_safetensors_writer_set_metadata: (skip) an entry of `__metadata__`, UTF-8 */
TPD_API void tpd_safetensors_writer_set_metadata (TpdSafetensorsWriter *self, const char *key,
                                                  const char *value);

/** tpd_safetensors_writer_open: (skip) starts the file; %G_IO_ERROR when that fails */
TPD_API gboolean tpd_safetensors_writer_open (TpdSafetensorsWriter *self, const char *path,
                                              GError **error);

/**
 * tpd_safetensors_writer_write: (skip)
 * @name: a declared name
 * @tensor: contiguous; the shape that was declared; if of another dtype it is converted (to nearest
 * even, integers saturate)
 * @error: return location: %G_IO_ERROR
 */
TPD_API gboolean tpd_safetensors_writer_write (TpdSafetensorsWriter *self, const char *name,
                                               const TpdHostTensor *tensor, GError **error);

/** tpd_safetensors_writer_commit: (skip) makes the file appear, once every tensor is written */
TPD_API gboolean tpd_safetensors_writer_commit (TpdSafetensorsWriter *self, GError **error);

G_END_DECLS
