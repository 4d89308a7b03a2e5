/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "io/tpd-model.h"
#include "tpd-clip.h"

G_BEGIN_DECLS

/* A clip as a model's denoisers see it: brought to the model's size (tpd-cover.h) and to n_frames
 * frames, then encoded. Frame i of n is the clip's frame ⌊(i + ½) · clip->n_frames / n⌋: however
 * long the clip is and whatever its rate, the whole of it is seen.
 *
 * Returns: [1, n_frames, C, h, w], f32, in the current scope */
TpdTensor *tpd_clip_latents (TpdModel *model, TpdContext *ctx, const TpdClip *clip, guint n_frames);

G_END_DECLS
