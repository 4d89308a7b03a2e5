/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../pyramid/tpd-denoiser.h"
#include "tpd-mini-flux-config.h"

G_BEGIN_DECLS

/* Between clips and conditioning on one side and tokens on the other. */

/* Whether the inputs fit the network and each other; otherwise the context has failed with
 * TPD_ERROR_MISMATCH naming the input, its shape and the expected one. */
gboolean tpd_mini_flux_check_inputs (const TpdMiniFluxConfig *config, TpdContext *ctx, TpdTensor *x,
                                     const TpdConditioning *conditioning);

/* x [B, F, C, H, W] → one token a 2×2 patch: [B, F·H/2·W/2, 4·C], channels (p1 p2 c) */
TpdTensor *tpd_mini_flux_patch (TpdContext *ctx, TpdTensor *x);

/* The inverse, to the shape of `like`. */
TpdTensor *tpd_mini_flux_unpatch (TpdContext *ctx, TpdTensor *tokens, const TpdTensor *like);

/* Who may see whom, [B, n]: text tokens take their mask [B, L] of zeros and ones, video tokens are
 * 1. Padding is a segment of its own. */
TpdTensor *tpd_mini_flux_segments (TpdContext *ctx, TpdTensor *mask, gint64 n);

G_END_DECLS
