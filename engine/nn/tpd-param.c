/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-param.h"

#include <string.h>

#include "../core/tpd-shape.h"
#include "../core/tpd-tape.h"
#include "../ops/tpd-op.h"

/* So many tensors an error message lists before it counts the rest. */
#define MAX_LISTED 4

struct _TpdParam
{
  /* owned */
  char *name;
  char *other_name;  /* nullable */
  TpdTensor *tensor; /* f32, physical layout; NULL until loaded or initialised */

  /* state */
  TpdInit init;
  int n_dims;
  gint64 shape[TPD_MAX_DIMS]; /* as in files */
  gboolean frozen;
};

struct _TpdParamStore
{
  GObject parent_instance;

  /* owned */
  GPtrArray *params; /* TpdParam, in the order of their declaration */
  GHashTable *names; /* borrowed name → borrowed TpdParam */

  /* state */
  gboolean trainable;
};

G_DEFINE_FINAL_TYPE (TpdParamStore, tpd_param_store, G_TYPE_OBJECT)

/* Files hold convolution kernels as [O, I, kh, kw]; kernels read [O, kh, kw, I]. */
static const int to_physical[4] = {0, 2, 3, 1};
static const int to_file[4] = {0, 3, 1, 2};

static void
param_free (gpointer data)
{
  TpdParam *self = data;

  g_clear_pointer (&self->tensor, tpd_tensor_unref);
  g_free (self->name);
  g_free (self->other_name);
  g_free (self);
}

TpdTensor *
tpd_param_read (TpdParam *self, TpdContext *ctx)
{
  g_assert (self->tensor != NULL);
  return self->tensor;
}

const char *
tpd_param_get_name (TpdParam *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->name;
}

int
tpd_param_get_shape (TpdParam *self, gint64 shape[TPD_MAX_DIMS])
{
  g_return_val_if_fail (self != NULL, 0);
  memcpy (shape, self->shape, sizeof self->shape);
  return self->n_dims;
}

/* ── declaring ── */

TpdParamStore *
tpd_param_store_new (void)
{
  return g_object_new (TPD_TYPE_PARAM_STORE, NULL);
}

TpdParam *
tpd_param_store_declare (TpdParamStore *self, const char *prefix, const char *name, TpdInit init,
                         int n_dims, const gint64 *shape)
{
  TpdParam *param = g_new0 (TpdParam, 1);

  g_assert (n_dims >= 1 && n_dims <= TPD_MAX_DIMS);
  param->name =
      prefix != NULL && *prefix != '\0' ? g_strconcat (prefix, ".", name, NULL) : g_strdup (name);
  param->init = init;
  param->n_dims = n_dims;
  memcpy (param->shape, shape, sizeof (gint64) * (gsize)n_dims);
  g_assert (!g_hash_table_contains (self->names, param->name));
  g_ptr_array_add (self->params, param);
  g_hash_table_insert (self->names, param->name, param);
  return param;
}

void
tpd_param_set_other_name (TpdParam *self, const char *name)
{
  g_free (self->other_name);
  self->other_name = g_strdup (name);
}

/* ── filling ── */

/* Copies host data in file layout to where kernels read it. The tensor stays the same object over
 * repeated loads: an optimizer may hold it. */
static void
fill (TpdParamStore *self, TpdContext *ctx, TpdParam *param, TpdDtype dtype, gconstpointer data)
{
  gint64 shape[TPD_MAX_DIMS];
  TpdTensor *uploaded;

  for (int i = 0; i < param->n_dims; i++)
    shape[i] = param->shape[param->n_dims == 4 ? to_physical[i] : i];
  if (param->tensor == NULL)
    {
      g_autoptr (TpdTensor) tensor = tpd_tensor_new (ctx, TPD_F32, param->n_dims, shape);

      if (tpd_context_failed (ctx))
        return; /* with room again, the next load may make it */
      tensor->requires_grad = self->trainable && !param->frozen;
      param->tensor = g_steal_pointer (&tensor);
    }
  if (dtype == TPD_F32 && param->n_dims != 4)
    {
      tpd_tensor_upload (ctx, param->tensor, data);
      return;
    }
  tpd_context_push_scope (ctx);
  uploaded = tpd_context_own (
      ctx, tpd_tensor_new_from_host (ctx, dtype, param->n_dims, param->shape, data));
  if (param->n_dims == 4)
    uploaded = tpd_permute (ctx, uploaded, to_physical);
  tpd_copy_into (ctx, param->tensor, uploaded);
  tpd_context_pop_scope (ctx, NULL);
}

static gint64
count (const TpdParam *param)
{
  return tpd_shape_count (param->n_dims, param->shape);
}

gboolean
tpd_param_store_initialize (TpdParamStore *self, TpdContext *ctx, guint64 seed, GError **error)
{
  g_return_val_if_fail (TPD_IS_PARAM_STORE (self), FALSE);

  for (guint i = 0; i < self->params->len; i++)
    {
      TpdParam *param = g_ptr_array_index (self->params, i);
      g_autofree float *data = g_new (float, count (param));

      tpd_init_fill (param->init, seed, param->name, param->n_dims, param->shape, data);
      fill (self, ctx, param, TPD_F32, data);
    }
  return tpd_context_sync (ctx, error);
}

/* What is wrong with a tensor of a file; NULL if nothing is. */
static char *
complaint (const TpdParam *param, const TpdHostTensor *tensor)
{
  g_autofree char *expected = NULL, *got = NULL;

  if (tensor->dtype != TPD_F32 && tensor->dtype != TPD_F64 && tensor->dtype != TPD_F16 &&
      tensor->dtype != TPD_BF16)
    return g_strdup_printf ("\"%s\" should hold floating-point numbers, but holds %s", param->name,
                            tpd_dtype_name (tensor->dtype));
  if (tensor->n_dims == param->n_dims &&
      memcmp (tensor->shape, param->shape, sizeof (gint64) * (gsize)param->n_dims) == 0)
    return NULL;
  expected = tpd_shape_string (param->n_dims, param->shape);
  got = tpd_shape_string (tensor->n_dims, tensor->shape);
  return g_strdup_printf ("\"%s\" should be %s, but is %s", param->name, expected, got);
}

/* "a, b, c and 4 more" */
static char *
list (GPtrArray *items, const char *separator)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < MIN (items->len, MAX_LISTED); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? separator : "",
                            (char *)g_ptr_array_index (items, i));
  if (items->len > MAX_LISTED)
    g_string_append_printf (text, " and %u more", items->len - MAX_LISTED);
  return g_string_free (text, FALSE);
}

static gboolean
find (const TpdParam *param, TpdTensorLookup lookup, gpointer data, TpdHostTensor *tensor)
{
  return lookup (param->name, tensor, data) ||
         (param->other_name != NULL && lookup (param->other_name, tensor, data));
}

/* Whether a file has all parameters in the right shapes. */
static gboolean
check (TpdParamStore *self, TpdTensorLookup lookup, gpointer data, const char *where,
       GError **error)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) wrong = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *listed = NULL;

  for (guint i = 0; i < self->params->len; i++)
    {
      TpdParam *param = g_ptr_array_index (self->params, i);
      TpdHostTensor tensor;
      char *text;

      if (!find (param, lookup, data, &tensor))
        g_ptr_array_add (missing, g_strdup_printf ("\"%s\"", param->name));
      else if ((text = complaint (param, &tensor)) != NULL)
        g_ptr_array_add (wrong, text);
    }
  if (missing->len > 0)
    {
      listed = list (missing, ", ");
      g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND, "%s: %u of %u tensors missing: %s", where,
                   missing->len, self->params->len, listed);
      return FALSE;
    }
  if (wrong->len > 0)
    {
      listed = list (wrong, "; ");
      g_set_error (error, TPD_ERROR, TPD_ERROR_MISMATCH, "%s: %s", where, listed);
      return FALSE;
    }
  return TRUE;
}

gboolean
tpd_param_store_load (TpdParamStore *self, TpdContext *ctx, TpdTensorLookup lookup, gpointer data,
                      const char *where, GError **error)
{
  g_return_val_if_fail (TPD_IS_PARAM_STORE (self), FALSE);

  if (!check (self, lookup, data, where, error))
    return FALSE;
  for (guint i = 0; i < self->params->len; i++)
    {
      TpdParam *param = g_ptr_array_index (self->params, i);
      TpdHostTensor tensor;
      gboolean found = find (param, lookup, data, &tensor);

      g_assert (found);
      fill (self, ctx, param, tensor.dtype, tensor.data);
    }
  return tpd_context_sync (ctx, error);
}

/* ── reading back ── */

gboolean
tpd_param_store_save_param (TpdParamStore *self, TpdContext *ctx, guint i, TpdHostTensor *header,
                            float *data, GError **error)
{
  TpdParam *param = tpd_param_store_get (self, i);
  gboolean ok;

  g_return_val_if_fail (param != NULL && param->tensor != NULL, FALSE);

  *header = (TpdHostTensor){.dtype = TPD_F32, .n_dims = param->n_dims, .data = data};
  memcpy (header->shape, param->shape, sizeof param->shape);
  tpd_context_push_scope (ctx);
  ok = tpd_tensor_to_host (
      ctx, param->n_dims == 4 ? tpd_permute (ctx, param->tensor, to_file) : param->tensor, data,
      error);
  tpd_context_pop_scope (ctx, NULL);
  return ok;
}

guint
tpd_param_store_get_n (TpdParamStore *self)
{
  g_return_val_if_fail (TPD_IS_PARAM_STORE (self), 0);
  return self->params->len;
}

TpdParam *
tpd_param_store_get (TpdParamStore *self, guint i)
{
  g_return_val_if_fail (TPD_IS_PARAM_STORE (self) && i < self->params->len, NULL);
  return g_ptr_array_index (self->params, i);
}

TpdTensor *
tpd_param_store_get_tensor (TpdParamStore *self, guint i)
{
  TpdParam *param = tpd_param_store_get (self, i);

  g_return_val_if_fail (param != NULL, NULL);
  return param->tensor;
}

gboolean
tpd_param_store_get_decay (TpdParamStore *self, guint i)
{
  TpdParam *param = tpd_param_store_get (self, i);

  g_return_val_if_fail (param != NULL, FALSE);
  return param->n_dims >= 2;
}

gint64
tpd_param_store_count_elements (TpdParamStore *self)
{
  gint64 n = 0;

  g_return_val_if_fail (TPD_IS_PARAM_STORE (self), 0);

  for (guint i = 0; i < self->params->len; i++)
    n += count (g_ptr_array_index (self->params, i));
  return n;
}

void
tpd_param_store_set_trainable (TpdParamStore *self, gboolean trainable)
{
  g_return_if_fail (TPD_IS_PARAM_STORE (self));

  self->trainable = trainable;
  for (guint i = 0; i < self->params->len; i++)
    {
      TpdParam *param = g_ptr_array_index (self->params, i);

      if (param->tensor == NULL || param->frozen)
        continue;
      param->tensor->requires_grad = trainable;
      if (!trainable)
        tpd_tensor_clear_grad (param->tensor);
    }
}

void
tpd_param_store_freeze (TpdParamStore *self, const char *prefix)
{
  g_return_if_fail (TPD_IS_PARAM_STORE (self));

  for (guint i = 0; i < self->params->len; i++)
    {
      TpdParam *param = g_ptr_array_index (self->params, i);

      param->frozen |= g_str_has_prefix (param->name, prefix);
    }
}

static void
tpd_param_store_finalize (GObject *object)
{
  TpdParamStore *self = TPD_PARAM_STORE (object);

  g_hash_table_unref (self->names);
  g_ptr_array_unref (self->params);
  G_OBJECT_CLASS (tpd_param_store_parent_class)->finalize (object);
}

static void
tpd_param_store_class_init (TpdParamStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_param_store_finalize;
}

static void
tpd_param_store_init (TpdParamStore *self)
{
  self->params = g_ptr_array_new_with_free_func (param_free);
  self->names = g_hash_table_new (g_str_hash, g_str_equal);
}
