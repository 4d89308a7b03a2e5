/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-shape.h"

char *
tpd_shape_string (int n_dims, const gint64 *shape)
{
  GString *text = g_string_new ("[");

  for (int i = 0; i < n_dims; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", shape[i]);
  return g_string_free (g_string_append_c (text, ']'), FALSE);
}

gint64
tpd_shape_count (int n_dims, const gint64 *shape)
{
  gint64 n = 1;

  for (int i = 0; i < n_dims; i++)
    n *= shape[i];
  return n;
}
