/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"
#include "tpd-init.h"

G_BEGIN_DECLS

/* A parameter is not a tensor: it has a name, a shape, a place where it lies and, one day, adapters
 * and scales. Layers hold parameters and call tpd_param_read() for the tensor to compute with. */
typedef struct _TpdParam TpdParam;

/* The tensor to compute with. The store has been loaded or initialised before. */
TpdTensor *tpd_param_read (TpdParam *self, TpdContext *ctx);

TPD_API const char *tpd_param_get_name (TpdParam *self);

/* Its shape in files: conv weights are OIHW. Returns: the number of dimensions */
TPD_API int tpd_param_get_shape (TpdParam *self, gint64 shape[TPD_MAX_DIMS]);

/* All parameters of one model component, by name. A component is built in two steps: its layers
 * declare what they need, then the store is either loaded from a file or initialised from a seed.
 */
#define TPD_TYPE_PARAM_STORE (tpd_param_store_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdParamStore, tpd_param_store, TPD, PARAM_STORE, GObject)

TPD_API TpdParamStore *tpd_param_store_new (void);

/* Declares "prefix.name" (just name if prefix is NULL or empty) with the shape of the file (conv
 * weights: OIHW). 4-D parameters are physically re-laid to [O, kh, kw, I] when they reach the
 * device. Borrowed, lives as long as the store. */
TpdParam *tpd_param_store_declare (TpdParamStore *self, const char *prefix, const char *name,
                                   TpdInit init, int n_dims, const gint64 *shape);

/* Another name under which files may hold it; loading tries it second. */
void tpd_param_set_other_name (TpdParam *self, const char *name);

/* Fills every declared parameter from the seed. Each parameter's numbers depend on the seed, its
 * name and its shape alone, and are the same on every device. */
TPD_API gboolean tpd_param_store_initialize (TpdParamStore *self, TpdContext *ctx, guint64 seed,
                                             GError **error);

/* Host data of one tensor of a file, contiguous. */
typedef struct
{
  TpdDtype dtype;
  int n_dims;
  gint64 shape[TPD_MAX_DIMS];
  gconstpointer data;
} TpdHostTensor;

/* Finds a tensor by name, or returns FALSE. */
typedef gboolean (*TpdTensorLookup) (const char *name, TpdHostTensor *tensor, gpointer data);

/* Fills every declared parameter, converting to f32. `where` names the file in messages. Sets
 * TPD_ERROR_NOT_FOUND naming the tensors that are missing, TPD_ERROR_MISMATCH naming those of
 * another shape with what was expected and found; then nothing has changed. Tensors of the file
 * that nobody declared are ignored. */
TPD_API gboolean tpd_param_store_load (TpdParamStore *self, TpdContext *ctx, TpdTensorLookup lookup,
                                       gpointer data, const char *where, GError **error);

/* Copies one parameter to the host in its file layout (OIHW), f32. `data` has room for all elements
 * and is what header->data then points to. */
TPD_API gboolean tpd_param_store_save_param (TpdParamStore *self, TpdContext *ctx, guint i,
                                             TpdHostTensor *header, float *data, GError **error);

TPD_API guint tpd_param_store_get_n (TpdParamStore *self);
TPD_API TpdParam *tpd_param_store_get (TpdParamStore *self, guint i);
/* The device tensor of parameter i, for optimizers; physical layout. */
TPD_API TpdTensor *tpd_param_store_get_tensor (TpdParamStore *self, guint i);
/* Whether AdamW decays it: matrices and kernels, not biases, norms or one-dimensional things. */
TPD_API gboolean tpd_param_store_get_decay (TpdParamStore *self, guint i);
TPD_API gint64 tpd_param_store_count_elements (TpdParamStore *self);

/* Whether gradients are wanted (training) or not (the default). */
TPD_API void tpd_param_store_set_trainable (TpdParamStore *self, gboolean trainable);
/* Parameters whose names begin so are left as they are by any training of this store. */
TPD_API void tpd_param_store_freeze (TpdParamStore *self, const char *prefix);

G_END_DECLS
