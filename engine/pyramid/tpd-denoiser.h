/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"

G_BEGIN_DECLS

/* What a denoiser is conditioned on; any member may be NULL where the model has no use for it. */
typedef struct
{
  TpdTensor *text;   /* [B, L, D] encoder hidden states */
  TpdTensor *mask;   /* [B, L] i32: 1 a real token, 0 padding */
  TpdTensor *pooled; /* [B, P] pooled text embedding */
} TpdConditioning;

#define TPD_TYPE_DENOISER (tpd_denoiser_get_type ())
TPD_API
G_DECLARE_INTERFACE (TpdDenoiser, tpd_denoiser, TPD, DENOISER, GObject)

/**
 * TpdDenoiserInterface:
 * @predict: runs the network
 *
 * The network as the method sees it: a function of a noisy clip and a timestep. The pyramid knows
 * no model.
 */
struct _TpdDenoiserInterface
{
  GTypeInterface parent_iface;

  TpdTensor *(*predict) (TpdDenoiser *self, TpdContext *ctx, TpdTensor *x, const double *timesteps,
                         guint frame_stride, const TpdConditioning *conditioning);
};

/**
 * tpd_denoiser_predict: (skip)
 * @x: noisy latent clips [B, F, C, H, W]
 * @timesteps: B numbers, what the network is told: 1000·t for flow matching, 1000·t − 1 for DDIM
 * @frame_stride: 2^(k−1) in stage k: frame n has temporal position n·frame_stride (method.md
 * section 8)
 * @conditioning: (nullable): text
 *
 * Returns: (transfer none): the network's raw output, shaped like x, in the current scope. What it
 * means (velocity, epsilon, v) is the caller's knowledge.
 */
TPD_API TpdTensor *tpd_denoiser_predict (TpdDenoiser *self, TpdContext *ctx, TpdTensor *x,
                                         const double *timesteps, guint frame_stride,
                                         const TpdConditioning *conditioning);

G_END_DECLS
