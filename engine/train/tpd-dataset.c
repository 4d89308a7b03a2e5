/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-dataset.h"

#include "../core/tpd-parallel.h"

G_DEFINE_INTERFACE (TpdDataset, tpd_dataset, G_TYPE_OBJECT)

static void
tpd_dataset_default_init (TpdDatasetInterface *iface)
{
}

guint64
tpd_dataset_get_n_clips (TpdDataset *self)
{
  return TPD_DATASET_GET_IFACE (self)->get_n_clips (self);
}

TpdClipSize
tpd_dataset_get_size (TpdDataset *self)
{
  return TPD_DATASET_GET_IFACE (self)->get_size (self);
}

gboolean
tpd_dataset_read_clip (TpdDataset *self, guint64 index, float *rgb, char **caption, GError **error)
{
  return TPD_DATASET_GET_IFACE (self)->read_clip (self, index, rgb, caption, error);
}

/* ── several clips side by side ── */

typedef struct
{
  TpdDataset *dataset;
  const guint *indices;
  float *rgb;
  char **captions; /* nullable */
  GError **errors; /* one a clip */
} Reading;

static void
read_some (gint64 begin, gint64 end, guint thread, gpointer data)
{
  Reading *reading = data;
  const TpdClipSize size = tpd_dataset_get_size (reading->dataset);
  const gsize clip_length = (gsize)size.frames * size.height * size.width * 3;

  for (gint64 i = begin; i < end; i++)
    {
      g_autofree char *caption = NULL;

      tpd_dataset_read_clip (reading->dataset, reading->indices[i], reading->rgb + i * clip_length,
                             &caption, &reading->errors[i]);
      if (reading->captions != NULL)
        reading->captions[i] = g_steal_pointer (&caption);
    }
}

gboolean
tpd_dataset_read_clips (TpdDataset *self, const guint *indices, guint n, float *rgb,
                        char **captions, GError **error)
{
  g_autofree GError **errors = g_new0 (GError *, n);
  Reading reading = {self, indices, rgb, captions, errors};
  gboolean done = TRUE;

  tpd_parallel_for (n, 1, read_some, &reading);
  for (guint i = 0; i < n; i++)
    if (errors[i] != NULL)
      {
        if (done)
          g_propagate_error (error, g_steal_pointer (&errors[i]));
        g_clear_error (&errors[i]);
        done = FALSE;
      }
  return done;
}
