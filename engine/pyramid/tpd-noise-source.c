/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-noise-source.h"

#include "../core/tpd-random.h"
#include "../ops/tpd-op.h"

G_DEFINE_ENUM_TYPE (TpdNoisePurpose, tpd_noise_purpose,
                    G_DEFINE_ENUM_VALUE (TPD_NOISE_START, "start"),
                    G_DEFINE_ENUM_VALUE (TPD_NOISE_JUMP, "jump"),
                    G_DEFINE_ENUM_VALUE (TPD_NOISE_JUMP_COMMON, "jump-common"))
G_DEFINE_INTERFACE (TpdNoiseSource, tpd_noise_source, G_TYPE_OBJECT)

static void
tpd_noise_source_default_init (TpdNoiseSourceInterface *iface)
{
}

TpdTensor *
tpd_noise_source_draw (TpdNoiseSource *self, TpdContext *ctx, TpdDtype dtype, int n_dims,
                       const gint64 *shape, TpdNoisePurpose purpose, guint stage)
{
  TpdTensor *y = tpd_context_own (ctx, tpd_tensor_new (ctx, dtype, n_dims, shape));

  if (!tpd_context_failed (ctx))
    TPD_NOISE_SOURCE_GET_IFACE (self)->fill (self, ctx, y, purpose, stage);
  return y;
}

/* ── Philox ── */

struct _TpdPhiloxNoise
{
  GObject parent_instance;

  guint64 seed;
};

static void
tpd_philox_noise_fill (TpdNoiseSource *source, TpdContext *ctx, TpdTensor *y,
                       TpdNoisePurpose purpose, guint stage)
{
  TpdPhiloxNoise *self = TPD_PHILOX_NOISE (source);
  guint64 tag = (guint64)purpose << 32 | stage;

  for (gint64 b = 0; b < y->view.shape[0]; b++)
    {
      TpdTensor *clip = tpd_slice (ctx, y, 0, b, b + 1, 1);
      guint64 stream = tpd_random_fork (self->seed + (guint64)b, tag);

      tpd_copy_into (
          ctx, clip,
          tpd_randn (ctx, y->view.dtype, clip->view.n_dims, clip->view.shape, stream, 0));
    }
}

static void
tpd_philox_noise_iface_init (TpdNoiseSourceInterface *iface)
{
  iface->fill = tpd_philox_noise_fill;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TpdPhiloxNoise, tpd_philox_noise, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (TPD_TYPE_NOISE_SOURCE,
                                                      tpd_philox_noise_iface_init))

TpdPhiloxNoise *
tpd_philox_noise_new (guint64 seed)
{
  TpdPhiloxNoise *self = g_object_new (TPD_TYPE_PHILOX_NOISE, NULL);

  self->seed = seed;
  return self;
}

static void
tpd_philox_noise_class_init (TpdPhiloxNoiseClass *klass)
{
}

static void
tpd_philox_noise_init (TpdPhiloxNoise *self)
{
}
