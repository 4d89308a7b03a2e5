/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-dataset.h"

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
