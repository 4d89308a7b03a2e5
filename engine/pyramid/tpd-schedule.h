/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-pyramid-config.h"

G_BEGIN_DECLS

/**
 * TpdStage:
 * @index: k, from K (first, most noise) to 1 (full frame rate)
 * @frame_stride: 2^(k−1): frame n of the stage is frame n·frame_stride of the clip
 * @start: s_k, its noisy start
 * @end: e_k < @start, where it ends
 * @jump_scale: γ_{s_{k−1}}/γ_{e_k} of (14), for the jump at its end; 0 on stage 1
 * @jump_noise: α, the scale of that jump's noise; 0 on stage 1
 *
 * One stage of the pyramid in numbers. Times in [0, 1].
 */
typedef struct
{
  guint index;
  guint frame_stride;
  double start;
  double end;
  double jump_scale;
  double jump_noise;
} TpdStage;

#define TPD_TYPE_SCHEDULE (tpd_schedule_get_type ())
TPD_API GType tpd_schedule_get_type (void);

/**
 * TpdSchedule: (ref-func tpd_schedule_ref) (unref-func tpd_schedule_unref)
 *
 * The stages of a pyramid: where each starts and ends, and the jumps between them. Made from a
 * config; immutable.
 *
 *     s_k = k/K, or the given boundaries; s_K = 1; e_1 = 0                method.md section 3
 *     e_{k+1} is the time at which γ/σ = √((1 − r)/−r) γ_{s_k}/σ_{s_k}    section 6, from (21)
 *     jump_scale = γ_{s_k}/γ_{e_{k+1}},  jump_noise = σ_{s_k}/√(1 − r)    (14)
 *
 * With r = −1 the ratio is √2 and the noise σ_{s_k}/√2. For flow matching that is
 * e = s/(√2 (1 − s) + s). The paper's (15) and (23) print the scale as √2 γ_s/(σ_s + √2 γ_s), which
 * is γ_e itself: an erratum. The right one, γ_s/γ_e, is (σ_s + √2 γ_s)/√2.
 */
typedef struct _TpdSchedule TpdSchedule;

/**
 * tpd_schedule_new:
 * @config: what a denoiser was trained with, or how one wants to run it
 *
 * Sets %TPD_ERROR_INVALID_ARGUMENT as tpd_pyramid_config_validate() does.
 *
 * Returns: (transfer full) (nullable): the stages
 */
TPD_API TpdSchedule *tpd_schedule_new (const TpdPyramidConfig *config, GError **error);
TPD_API TpdSchedule *tpd_schedule_ref (TpdSchedule *self);
TPD_API void tpd_schedule_unref (TpdSchedule *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdSchedule, tpd_schedule_unref)

/** tpd_schedule_get_config: Returns: (transfer none): what it was made from */
TPD_API const TpdPyramidConfig *tpd_schedule_get_config (const TpdSchedule *self);
/** tpd_schedule_get_chart: (skip) Returns: (transfer none): gamma, sigma and the rest */
TPD_API const TpdChart *tpd_schedule_get_chart (const TpdSchedule *self);
/** tpd_schedule_get_n_stages: Returns: K */
TPD_API guint tpd_schedule_get_n_stages (const TpdSchedule *self);
/** tpd_schedule_get_stage: Returns: (transfer none): stage @k, from 1 to K */
TPD_API const TpdStage *tpd_schedule_get_stage (const TpdSchedule *self, guint k);

/**
 * tpd_schedule_get_n_frames:
 * @n_frames: latent frames of the whole clip, a valid count
 *
 * Returns: latent frames of the clip in stage @k
 */
TPD_API guint tpd_schedule_get_n_frames (const TpdSchedule *self, guint k, guint n_frames);

/**
 * tpd_schedule_check_frames:
 * @n_frames: latent frames of the whole clip
 *
 * Every stage must halve the clip: the count is a multiple of 2^(K−1), or 1 more than one with a
 * causal first frame. Sets %TPD_ERROR_INVALID_ARGUMENT naming the nearest valid counts.
 *
 * Returns: whether the count is valid
 */
TPD_API gboolean tpd_schedule_check_frames (const TpdSchedule *self, guint n_frames,
                                            GError **error);

/**
 * tpd_schedule_to_json:
 *
 * `{"form", "stages": [{"stage", "frame_stride", "start", "end", "jump_scale", "jump_noise"} …]}`
 * from stage K down to 1; the jump members are null on stage 1.
 *
 * Returns: (transfer full): the schedule for people and scripts
 */
TPD_API JsonNode *tpd_schedule_to_json (const TpdSchedule *self);

G_END_DECLS
