/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../nn/tpd-param.h"

G_BEGIN_DECLS

/* The header of a safetensors file (https://github.com/huggingface/safetensors#format):
 *
 *   8 bytes    N, little-endian
 *   N bytes    JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, …,
 *                     "__metadata__": {"key": "value", …}}, padded with spaces
 *   the rest   the tensors' bytes, without gap or overlap; offsets count from here
 *
 * Files come from strangers. The parser is therefore its own: strict, without recursion, and every
 * number is checked before it is used. */

/* No real header is larger; the reference implementation has the same limit. */
#define TPD_SAFETENSORS_MAX_HEADER 100000000

typedef struct
{
  char *name; /* owned */
  TpdDtype dtype;
  int n_dims; /* 0 for a scalar */
  gint64 shape[TPD_MAX_DIMS];
  guint64 begin; /* bytes from the start of the data */
  guint64 end;
} TpdSafetensorsEntry;

/* Takes a pointer to one, as a GDestroyNotify. */
void tpd_safetensors_entry_free (gpointer entry);

typedef struct
{
  GPtrArray *entries;   /* owned TpdSafetensorsEntry, in the order of their data */
  GHashTable *metadata; /* owned; string → string */
  gsize data_offset;    /* where the data starts in the file */
} TpdSafetensorsHeader;

/* Parses and validates a whole file's header against the file's size. TPD_ERROR_INVALID_DATA says
 * what is wrong with which tensor of `where`. */
TpdSafetensorsHeader *tpd_safetensors_header_parse (const guint8 *file, gsize n_bytes,
                                                    const char *where, GError **error);
void tpd_safetensors_header_free (TpdSafetensorsHeader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdSafetensorsHeader, tpd_safetensors_header_free)

/* Product of the shape times the element size, or FALSE when it does not fit in 63 bits. */
gboolean tpd_safetensors_count_bytes (TpdDtype dtype, int n_dims, const gint64 *shape,
                                      guint64 *n_bytes);

/* "F32", "BF16", … */
const char *tpd_safetensors_dtype_name (TpdDtype dtype);

G_END_DECLS
