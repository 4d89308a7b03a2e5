/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-macros.h"

G_BEGIN_DECLS

#define TPD_TYPE_DATASET (tpd_dataset_get_type ())
TPD_API
G_DECLARE_INTERFACE (TpdDataset, tpd_dataset, TPD, DATASET, GObject)

/* The size of every clip of a dataset. */
typedef struct
{
  guint frames;
  guint height;
  guint width;
} TpdClipSize;

/**
 * TpdDatasetInterface:
 * @get_n_clips: number of clips; procedural sets have as many as one likes (G_MAXUINT64)
 * @get_size: size of every clip
 * @read_clip: clip @index as RGB in [−1, 1], [F, H, W, 3], and its caption (transfer full, nullable
 * pointer)
 *
 * Where training clips come from. read_clip() depends on the index alone and may run in several
 * threads.
 */
struct _TpdDatasetInterface
{
  GTypeInterface parent_iface;

  guint64 (*get_n_clips) (TpdDataset *self);
  TpdClipSize (*get_size) (TpdDataset *self);
  gboolean (*read_clip) (TpdDataset *self, guint64 index, float *rgb, char **caption,
                         GError **error);
};

TPD_API guint64 tpd_dataset_get_n_clips (TpdDataset *self);
TPD_API TpdClipSize tpd_dataset_get_size (TpdDataset *self);
TPD_API gboolean tpd_dataset_read_clip (TpdDataset *self, guint64 index, float *rgb, char **caption,
                                        GError **error);

/**
 * tpd_dataset_read_clips: (skip)
 * @indices: (array length=n): which clips
 * @rgb: (out caller-allocates): [n, F, H, W, 3]
 * @captions: (out caller-allocates) (nullable): room for n captions, the caller's also after an
 * error; %NULL if not wanted
 *
 * Reads clips side by side on all cores.
 */
TPD_API gboolean tpd_dataset_read_clips (TpdDataset *self, const guint *indices, guint n,
                                         float *rgb, char **captions, GError **error);

G_END_DECLS
