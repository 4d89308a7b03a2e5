/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-mini-flux-positions.h"

#include <math.h>
#include <string.h>

/* Stages times the shapes that are in use at once: training, samples on the way, previews. */
#define MAX_ENTRIES 16

typedef struct
{
  TpdMiniFluxGrid grid;
  TpdMiniFluxPositions positions; /* owned tensors */
} Entry;

struct _TpdMiniFluxPositionCache
{
  GMutex lock;
  GQueue entries; /* owned Entry; most recently used first */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  tpd_tensor_unref (entry->positions.cos);
  tpd_tensor_unref (entry->positions.sin);
  tpd_tensor_unref (entry->positions.order);
  g_clear_pointer (&entry->positions.features, tpd_tensor_unref);
  g_free (entry);
}

TpdMiniFluxPositionCache *
tpd_mini_flux_position_cache_new (void)
{
  TpdMiniFluxPositionCache *self = g_new0 (TpdMiniFluxPositionCache, 1);

  g_mutex_init (&self->lock);
  g_queue_init (&self->entries);
  return self;
}

void
tpd_mini_flux_position_cache_free (TpdMiniFluxPositionCache *self)
{
  g_queue_clear_full (&self->entries, entry_free);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* One token's row of both tables. Angles in double, as the published model computes them. */
static void
fill_row (const TpdMiniFluxConfig *config, const gint64 position[3], float *cosines, float *sines)
{
  for (int axis = 0; axis < 3; axis++)
    {
      gint64 dim = config->axes_dims_rope[axis];

      for (gint64 i = 0; i < dim / 2; i++)
        {
          double angle = (double)position[axis] / pow (10000, (double)(2 * i) / (double)dim);

          *cosines++ = (float)cos (angle);
          *sines++ = (float)sin (angle);
        }
    }
}

gint64
tpd_mini_flux_n_position_features (const TpdMiniFluxConfig *config)
{
  const gint64 *dims = config->axes_dims_rope;

  return config->attention_head_dim + dims[0] * (dims[1] + dims[2]);
}

/* The features of a token from its row of both tables: [cos; sin] of time, of space, and each of
 * the former times each of the latter. */
static void
fill_features (const TpdMiniFluxConfig *config, const float *cosines, const float *sines,
               float *features)
{
  const gint64 n_time = config->axes_dims_rope[0] / 2, half = config->attention_head_dim / 2;
  float *products = features + 2 * half;

  for (gint64 i = 0; i < half; i++)
    {
      features[2 * i] = cosines[i];
      features[2 * i + 1] = sines[i];
    }
  for (gint64 i = 0; i < 2 * n_time; i++)
    for (gint64 j = 2 * n_time; j < 2 * half; j++)
      *products++ = features[i] * features[j];
}

static Entry *
entry_new (TpdContext *ctx, const TpdMiniFluxConfig *config, const TpdMiniFluxGrid *grid)
{
  gint64 n = grid->text_length + grid->frames * grid->height * grid->width;
  gint64 half = config->attention_head_dim / 2;
  gint64 n_features = config->use_pos_embed ? tpd_mini_flux_n_position_features (config) : 0;
  gint64 n_patches = grid->frames * grid->height * grid->width;
  g_autofree float *features = g_try_new (float, n_patches *n_features);
  g_autofree float *cosines = g_try_new (float, n *half), *sines = g_try_new (float, n *half);
  g_autofree gint32 *order = g_try_new (gint32, n);
  Entry *entry = g_new0 (Entry, 1);

  if ((features == NULL && n_features > 0) || cosines == NULL || sines == NULL || order == NULL)
    {
      tpd_context_fail (ctx, TPD_ERROR_NO_MEMORY,
                        "Not enough memory for the positions of %" G_GINT64_FORMAT " tokens", n);
      n = n_patches = 0;
    }

  for (gint64 token = 0; token < n; token++)
    {
      gint64 patch = token - grid->text_length, position[3] = {0, 0, 0};

      if (patch >= 0)
        {
          position[0] = patch / (grid->height * grid->width) * grid->frame_stride;
          position[1] = patch / grid->width % grid->height;
          position[2] = patch % grid->width;
        }
      fill_row (config, position, cosines + token * half, sines + token * half);
      if (patch >= 0 && config->use_pos_embed)
        fill_features (config, cosines + token * half, sines + token * half,
                       features + patch * n_features);
      order[token] = (gint32)position[0];
    }
  entry->grid = *grid;
  entry->positions.cos = tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (n, half), cosines);
  entry->positions.sin = tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (n, half), sines);
  entry->positions.order = tpd_tensor_new_from_host (ctx, TPD_I32, TPD_SHAPE (n), order);
  if (config->use_pos_embed)
    entry->positions.features =
        tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (n_patches, n_features), features);
  return entry;
}

static int
compare_grid (gconstpointer entry, gconstpointer grid)
{
  return memcmp (&((const Entry *)entry)->grid, grid, sizeof (TpdMiniFluxGrid));
}

TpdMiniFluxPositions
tpd_mini_flux_position_cache_get (TpdMiniFluxPositionCache *self, TpdContext *ctx,
                                  const TpdMiniFluxConfig *config, const TpdMiniFluxGrid *grid)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GList *link = g_queue_find_custom (&self->entries, grid, compare_grid);
  TpdMiniFluxPositions positions;
  Entry *entry;

  if (link != NULL)
    g_queue_unlink (&self->entries, link);
  else
    link = g_list_append (NULL, entry_new (ctx, config, grid));
  entry = link->data;
  positions = entry->positions;
  tpd_context_own (ctx, tpd_tensor_ref (positions.cos));
  tpd_context_own (ctx, tpd_tensor_ref (positions.sin));
  tpd_context_own (ctx, tpd_tensor_ref (positions.order));
  if (positions.features != NULL)
    tpd_context_own (ctx, tpd_tensor_ref (positions.features));

  if (tpd_context_failed (ctx))
    {
      entry_free (entry);
      g_list_free_1 (link);
      return positions;
    }
  g_queue_push_head_link (&self->entries, link);
  if (self->entries.length > MAX_ENTRIES)
    entry_free (g_queue_pop_tail (&self->entries));
  return positions;
}
