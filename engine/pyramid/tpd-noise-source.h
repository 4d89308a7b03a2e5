/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"

G_BEGIN_DECLS

/**
 * TpdNoisePurpose:
 * @TPD_NOISE_START: what a clip starts from
 * @TPD_NOISE_JUMP: the noise of a jump, one number a frame pair
 * @TPD_NOISE_JUMP_COMMON: its part that both frames of a pair share, if the correlation is not −1
 */
typedef enum
{
  TPD_NOISE_START,
  TPD_NOISE_JUMP,
  TPD_NOISE_JUMP_COMMON,
} TpdNoisePurpose;

#define TPD_TYPE_NOISE_PURPOSE (tpd_noise_purpose_get_type ())
TPD_API GType tpd_noise_purpose_get_type (void);

#define TPD_TYPE_NOISE_SOURCE (tpd_noise_source_get_type ())
TPD_API
G_DECLARE_INTERFACE (TpdNoiseSource, tpd_noise_source, TPD, NOISE_SOURCE, GObject)

/**
 * TpdNoiseSourceInterface:
 * @fill: fills a contiguous tensor [B, F, …] with N(0, I)
 *
 * Where a sampler's randomness comes from. A draw depends on its purpose and stage alone, not on
 * how many there were before, so every draw can be repeated, and replaced by others in tests.
 */
struct _TpdNoiseSourceInterface
{
  GTypeInterface parent_iface;

  void (*fill) (TpdNoiseSource *self, TpdContext *ctx, TpdTensor *y, TpdNoisePurpose purpose,
                guint stage);
};

/**
 * tpd_noise_source_draw: (skip)
 * @purpose: what it is for
 * @stage: the stage that starts, or that the jump leaves
 *
 * Returns: (transfer none): noise of that shape, in the current scope
 */
TPD_API TpdTensor *tpd_noise_source_draw (TpdNoiseSource *self, TpdContext *ctx, TpdDtype dtype,
                                          int n_dims, const gint64 *shape, TpdNoisePurpose purpose,
                                          guint stage);

#define TPD_TYPE_PHILOX_NOISE (tpd_philox_noise_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdPhiloxNoise, tpd_philox_noise, TPD, PHILOX_NOISE, GObject)

/**
 * tpd_philox_noise_new:
 * @seed: clip b of a batch takes its numbers from seed + b, so that it does not depend on the batch
 *
 * The default source: the same integers for the same seed on every device.
 *
 * Returns: (transfer full): a source
 */
TPD_API TpdPhiloxNoise *tpd_philox_noise_new (guint64 seed);

G_END_DECLS
