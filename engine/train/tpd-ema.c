/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-ema.h"

#include "../ops/tpd-op.h"

struct _TpdEma
{
  GObject parent_instance;

  /* owned */
  TpdOptimizer *optimizer;
  GPtrArray *shadows; /* TpdTensor */

  /* state */
  double decay;
};

G_DEFINE_FINAL_TYPE (TpdEma, tpd_ema, G_TYPE_OBJECT)

/* A copy of x that the caller owns. */
static TpdTensor *
duplicate (TpdContext *ctx, TpdTensor *x)
{
  TpdTensor *copy = tpd_tensor_new (ctx, x->view.dtype, x->view.n_dims, x->view.shape);

  tpd_copy_into (ctx, copy, x);
  return copy;
}

TpdEma *
tpd_ema_new (TpdContext *ctx, TpdOptimizer *optimizer, double decay, GError **error)
{
  g_autoptr (TpdEma) self = g_object_new (TPD_TYPE_EMA, NULL);

  g_return_val_if_fail (TPD_IS_OPTIMIZER (optimizer) && decay >= 0 && decay < 1, NULL);

  self->optimizer = g_object_ref (optimizer);
  self->decay = decay;
  for (guint i = 0; i < tpd_optimizer_get_n (optimizer); i++)
    g_ptr_array_add (self->shadows, duplicate (ctx, tpd_optimizer_get_param (optimizer, i)));
  if (!tpd_context_sync (ctx, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
tpd_ema_update (TpdEma *self, TpdContext *ctx, gint64 n)
{
  const double decay = MIN (self->decay, (1.0 + n) / (10.0 + n));

  for (guint i = 0; i < self->shadows->len; i++)
    tpd_axpby_inplace (ctx, 1 - decay, tpd_optimizer_get_param (self->optimizer, i), decay,
                       self->shadows->pdata[i]);
}

void
tpd_ema_swap (TpdEma *self, TpdContext *ctx)
{
  for (guint i = 0; i < self->shadows->len; i++)
    {
      TpdTensor *param = tpd_optimizer_get_param (self->optimizer, i);
      TpdTensor *shadow = self->shadows->pdata[i];
      g_autoptr (TpdTensor) held = duplicate (ctx, param);

      tpd_copy_into (ctx, param, shadow);
      tpd_copy_into (ctx, shadow, held);
    }
}

TpdTensor *
tpd_ema_get_shadow (TpdEma *self, guint i)
{
  return self->shadows->pdata[i];
}

static void
tpd_ema_finalize (GObject *object)
{
  TpdEma *self = TPD_EMA (object);

  g_clear_object (&self->optimizer);
  g_ptr_array_unref (self->shadows);
  G_OBJECT_CLASS (tpd_ema_parent_class)->finalize (object);
}

static void
tpd_ema_class_init (TpdEmaClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_ema_finalize;
}

static void
tpd_ema_init (TpdEma *self)
{
  self->shadows = g_ptr_array_new_with_free_func ((GDestroyNotify)tpd_tensor_unref);
}
