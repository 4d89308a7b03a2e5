/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"
#include "tpd-mini-flux-config.h"

G_BEGIN_DECLS

/* Where tokens stand. Text comes first, all of it at position (0, 0, 0); the video token of frame
 * n, row i, column j of patches stands at (n · frame_stride, i, j): a frame keeps its full-rate
 * index in every stage (method.md section 8). */
typedef struct
{
  gint64 text_length;
  gint64 frames, height, width; /* height and width in patches */
  gint64 frame_stride;
} TpdMiniFluxGrid;

/* What follows from a grid. N = text_length + frames · height · width. */
typedef struct
{
  TpdTensor *cos, *sin; /* [N, head_dim / 2]: angle = position · 10000^(−2i/d), axis by axis */
  TpdTensor *order;     /* [N] i32: the temporal position, by which causal attention sorts */
  TpdTensor *features;  /* [frames · height · width, tpd_mini_flux_n_position_features ()]; NULL
                           without use_pos_embed */
} TpdMiniFluxPositions;

/* A video token's place in numbers: cosines and sines of its rotary angles, and their products
 * between time and each direction of space. */
gint64 tpd_mini_flux_n_position_features (const TpdMiniFluxConfig *config);

/* Remembers the tables of the last few grids: a sampler asks for the same ones at every step.
 * Thread-safe. */
typedef struct _TpdMiniFluxPositionCache TpdMiniFluxPositionCache;

TpdMiniFluxPositionCache *tpd_mini_flux_position_cache_new (void);
void tpd_mini_flux_position_cache_free (TpdMiniFluxPositionCache *self);

/* The tensors belong to the context's current scope. */
TpdMiniFluxPositions tpd_mini_flux_position_cache_get (TpdMiniFluxPositionCache *self,
                                                       TpdContext *ctx,
                                                       const TpdMiniFluxConfig *config,
                                                       const TpdMiniFluxGrid *grid);

G_END_DECLS
