/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-op-private.h"

gboolean
tpd_op_check (TpdContext *ctx, gboolean condition, const char *op, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  if (condition)
    return TRUE;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  tpd_context_fail (ctx, TPD_ERROR_MISMATCH, "%s: %s", op, message);
  return FALSE;
}

/* "[4, any, 3]" */
static char *
expected_shape (int n_dims, const gint64 *shape)
{
  GString *text = g_string_new ("[");

  for (int i = 0; i < n_dims; i++)
    {
      g_string_append (text, i > 0 ? ", " : "");
      if (shape[i] < 0)
        g_string_append (text, "any");
      else
        g_string_append_printf (text, "%" G_GINT64_FORMAT, shape[i]);
    }
  return g_string_free (g_string_append_c (text, ']'), FALSE);
}

gboolean
tpd_op_check_shape (TpdContext *ctx, const char *op, const char *what, const TpdTensor *x,
                    int n_dims, const gint64 *shape)
{
  gboolean fits = x->view.n_dims == n_dims;
  g_autofree char *got = NULL;
  g_autofree char *expected = NULL;

  for (int i = 0; i < n_dims && fits; i++)
    fits = shape[i] < 0 || x->view.shape[i] == shape[i];
  if (fits)
    return TRUE;
  got = tpd_tensor_shape_string (x);
  expected = expected_shape (n_dims, shape);
  return tpd_op_check (ctx, FALSE, op, "%s has shape %s, expected %s", what, got, expected);
}

gboolean
tpd_op_check_dtype (TpdContext *ctx, const char *op, const char *what, const TpdTensor *x,
                    TpdDtype dtype)
{
  return tpd_op_check (ctx, x->view.dtype == dtype, op, "%s is %s, expected %s", what,
                       tpd_dtype_name (x->view.dtype), tpd_dtype_name (dtype));
}

gboolean
tpd_op_check_float (TpdContext *ctx, const char *op, const char *what, const TpdTensor *x)
{
  TpdDtype dtype = x->view.dtype;

  return tpd_op_check (
      ctx, dtype == TPD_F32 || dtype == TPD_F64 || dtype == TPD_F16 || dtype == TPD_BF16, op,
      "%s is %s, expected a floating-point type", what, tpd_dtype_name (dtype));
}

gboolean
tpd_op_check_like (TpdContext *ctx, const char *op, const char *what, const TpdTensor *x,
                   const TpdTensor *like)
{
  return tpd_op_check_shape (ctx, op, what, x, like->view.n_dims, like->view.shape) &&
         tpd_op_check_dtype (ctx, op, what, x, like->view.dtype);
}

TpdTensor *
tpd_op_output (TpdContext *ctx, TpdDtype dtype, int n_dims, const gint64 *shape)
{
  return tpd_context_own (ctx, tpd_tensor_new (ctx, dtype, n_dims, shape));
}

TpdTensor *
tpd_op_like (TpdContext *ctx, const TpdTensor *x)
{
  return tpd_op_output (ctx, x->view.dtype, x->view.n_dims, x->view.shape);
}

TpdDtype
tpd_op_stat_dtype (TpdDtype dtype)
{
  return dtype == TPD_F64 ? TPD_F64 : TPD_F32;
}

TpdView
tpd_op_seen_as (const TpdTensor *x, int n_dims, const gint64 *shape)
{
  TpdView view = {.data = x->view.data, .dtype = x->view.dtype, .n_dims = n_dims};
  gint64 stride = 1;

  g_assert (tpd_tensor_is_contiguous (x));
  for (int i = n_dims - 1; i >= 0; i--)
    {
      view.shape[i] = shape[i];
      view.stride[i] = stride;
      stride *= shape[i];
    }
  g_assert (stride == tpd_tensor_n_elements (x));
  return view;
}
