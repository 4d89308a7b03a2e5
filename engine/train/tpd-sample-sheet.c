/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-sample-sheet.h"

#include "../io/tpd-image.h"

/* Pixels between the frames of a sheet. */
#define BORDER 2

gboolean
tpd_sample_sheet_write (const char *path, TpdContext *ctx, TpdTensor *frames, guint n_frames,
                        GError **error)
{
  const gint64 *shape = frames->view.shape;
  const gsize n = tpd_tensor_n_elements (frames);
  const guint n_rows = shape[0] / n_frames;
  g_autofree float *values = g_new (float, n);
  g_autofree guint8 *rgb = g_new (guint8, n);
  g_autofree const guint8 **rows = g_new (const guint8 *, n_rows);
  g_autoptr (TpdImage) sheet = NULL;

  if (!tpd_tensor_to_host (ctx, frames, values, error))
    return FALSE;
  tpd_rgb8_from_float (values, n, rgb);
  for (guint i = 0; i < n_rows; i++)
    rows[i] = rgb + i * (n / n_rows);
  sheet = tpd_image_new_contact_sheet (rows, n_rows, n_frames, shape[1], shape[2], BORDER);
  return tpd_image_write_png (sheet, path, error);
}
