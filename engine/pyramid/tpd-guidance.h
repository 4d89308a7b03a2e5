/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-denoiser.h"

G_BEGIN_DECLS

/* Classifier-free guidance (Ho & Salimans 2022): combines the network's raw outputs, before the
 * solver sees them:
 *
 *     output = uncond + scale · (cond − uncond)
 *
 * Both come from one call on a batch of twice the size, the unconditional half first. A scale of 1
 * or 0, or a missing conditioning, takes one evaluation. */
typedef struct
{
  double scale;
  gboolean both;                /* whether two evaluations are needed */
  gboolean conditioned;         /* whether there is any conditioning */
  TpdConditioning conditioning; /* of the batch, [uncond; cond] if both; borrowed or in scope */
} TpdGuidance;

/**
 * tpd_guidance_init: (skip)
 * @scale: the guidance scale
 * @conditional: (nullable): what to show
 * @unconditional: (nullable): the empty or negative prompt, shaped like @conditional
 *
 * What it makes lives in the current scope, as must everything that uses it.
 */
void tpd_guidance_init (TpdGuidance *self, TpdContext *ctx, double scale,
                        const TpdConditioning *conditional, const TpdConditioning *unconditional);

/**
 * tpd_guidance_predict: (skip)
 * @x: [B, F, C, H, W]
 * @timestep: what the network is told, the same for all clips
 *
 * Returns: (transfer none): the guided raw output, in x's dtype
 */
TpdTensor *tpd_guidance_predict (const TpdGuidance *self, TpdContext *ctx, TpdDenoiser *denoiser,
                                 TpdTensor *x, double timestep, guint frame_stride);

G_END_DECLS
