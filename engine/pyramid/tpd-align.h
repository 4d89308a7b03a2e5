/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"

G_BEGIN_DECLS

/**
 * TpdAlignment:
 * @TPD_ALIGNMENT_NONE: each clip keeps the noise it drew
 * @TPD_ALIGNMENT_CLIPS: nearest noise, Algorithm 1
 * @TPD_ALIGNMENT_DEVIATIONS: nearest to the clip's deviation from its own mean (per channel over
 *   frames and pixels), so that noise does not betray a clip's overall colour, hence its caption
 *
 * Which noise a clip is trained with (method.md section 5).
 */
typedef enum
{
  TPD_ALIGNMENT_NONE,
  TPD_ALIGNMENT_CLIPS,
  TPD_ALIGNMENT_DEVIATIONS,
} TpdAlignment;

#define TPD_TYPE_ALIGNMENT (tpd_alignment_get_type ())
TPD_API GType tpd_alignment_get_type (void);

/**
 * tpd_align_noise: (skip)
 * @clips: [N, F, C, H, W] f32 or f64, at the stage's frame rate, no gradient wanted
 * @noise: shaped like @clips
 *
 * Data–noise alignment (Algorithm 1): reorders the N noises so that Σ_i ‖x_i − ε_{p(i)}‖² is least
 * over all permutations p. As ‖x_i‖² and ‖ε_j‖² appear in every permutation's sum, the cost is
 * −⟨x_i, ε_j⟩: one matrix product; the assignment is solved on the host.
 *
 * It stays a permutation: choosing from more noises than clips would bias the noise (mean square
 * 0.94 for 16 clips and 256 noises). To align more strongly, pool: hand over the clips and the
 * noises of P batches at once, then train on the result batch by batch.
 *
 * Waits for the device. A clip that is not finite is the context's sticky %TPD_ERROR_FAILED.
 *
 * Returns: (transfer none): the reordered noise, in the current scope; @noise itself for
 *   %TPD_ALIGNMENT_NONE or N = 1
 */
TPD_API TpdTensor *tpd_align_noise (TpdContext *ctx, TpdTensor *clips, TpdTensor *noise,
                                    TpdAlignment alignment);

G_END_DECLS
