/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-optimizer.h"

#include <math.h>

#include "../core/tpd-tape.h"
#include "../ops/tpd-op.h"

/* A run of parameters in the arrays below. */
typedef struct
{
  guint first, n;
  double rate;
} Run;

struct _TpdOptimizer
{
  GObject parent_instance;

  /* owned */
  TpdCommunicator *communicator;
  GPtrArray *params; /* TpdTensor, references */
  GPtrArray *first;  /* TpdTensor, m */
  GPtrArray *second; /* TpdTensor, v */
  GByteArray *decay;
  GArray *runs; /* Run, one for each group */

  /* state */
  TpdOptimizerSettings settings;
  gint64 step;
};

G_DEFINE_FINAL_TYPE (TpdOptimizer, tpd_optimizer, G_TYPE_OBJECT)

static TpdTensor *
zero_moment (TpdContext *ctx, const TpdTensor *param)
{
  TpdTensor *moment = tpd_tensor_new (ctx, TPD_F32, param->view.n_dims, param->view.shape);

  tpd_fill (ctx, moment, 0);
  return moment;
}

static void
add_group (TpdOptimizer *self, TpdContext *ctx, const TpdOptimizerGroup *group)
{
  TpdParamStore *store = group->params;
  Run run = {.first = self->params->len, .rate = group->rate};

  tpd_param_store_set_trainable (store, TRUE);
  for (guint i = 0; i < tpd_param_store_get_n (store); i++)
    {
      TpdTensor *param = tpd_param_store_get_tensor (store, i);
      guint8 decay = tpd_param_store_get_decay (store, i);

      if (!param->requires_grad)
        continue; /* frozen */
      g_ptr_array_add (self->params, tpd_tensor_ref (param));
      g_ptr_array_add (self->first, zero_moment (ctx, param));
      g_ptr_array_add (self->second, zero_moment (ctx, param));
      g_byte_array_append (self->decay, &decay, 1);
    }
  run.n = self->params->len - run.first;
  g_array_append_val (self->runs, run);
}

TpdOptimizer *
tpd_optimizer_new (TpdContext *ctx, TpdCommunicator *communicator, const TpdOptimizerGroup *groups,
                   guint n_groups, const TpdOptimizerSettings *settings, GError **error)
{
  g_autoptr (TpdOptimizer) self = g_object_new (TPD_TYPE_OPTIMIZER, NULL);

  g_return_val_if_fail (TPD_IS_CONTEXT (ctx) && TPD_IS_COMMUNICATOR (communicator), NULL);

  self->communicator = g_object_ref (communicator);
  self->settings = *settings;
  for (guint i = 0; i < n_groups; i++)
    add_group (self, ctx, &groups[i]);
  if (!tpd_context_sync (ctx, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Gradients of all parameters; a parameter that the loss did not reach has one of zeros. */
static TpdTensor **
collect_gradients (TpdOptimizer *self, TpdContext *ctx)
{
  TpdTensor **gradients = g_new (TpdTensor *, self->params->len);

  for (guint i = 0; i < self->params->len; i++)
    {
      TpdTensor *param = self->params->pdata[i];

      gradients[i] = param->grad != NULL ? param->grad : tpd_grad_buffer (ctx, param);
    }
  tpd_communicator_all_reduce (self->communicator, ctx, gradients, self->params->len);
  return gradients;
}

static gboolean
global_norm (TpdOptimizer *self, TpdContext *ctx, TpdTensor **gradients, double *norm,
             GError **error)
{
  TpdTensor *sum = tpd_sum_squares (ctx, gradients, self->params->len);
  float value;

  if (!tpd_tensor_to_host (ctx, sum, &value, error))
    return FALSE;
  *norm = sqrt (value);
  if (isfinite (*norm))
    return TRUE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_FAILED,
               "The gradient of update %" G_GINT64_FORMAT
               " is not finite; try a lower learning rate or a longer warm-up",
               self->step + 1);
  return FALSE;
}

static void
update (TpdOptimizer *self, TpdContext *ctx, const Run *run, TpdTensor **gradients,
        const TpdAdamW *hyper)
{
  const guint first = run->first;

  tpd_adamw (ctx, run->n, (TpdTensor *const *)self->params->pdata + first, gradients + first,
             (TpdTensor *const *)self->first->pdata + first,
             (TpdTensor *const *)self->second->pdata + first, self->decay->data + first, hyper);
}

gboolean
tpd_optimizer_step (TpdOptimizer *self, TpdContext *ctx, double learning_rate, double *grad_norm,
                    GError **error)
{
  g_autofree TpdTensor **gradients = NULL;
  const double clip = self->settings.clip;
  TpdAdamW hyper = {
      .beta1 = self->settings.beta1,
      .beta2 = self->settings.beta2,
      .eps = self->settings.eps,
      .weight_decay = self->settings.weight_decay,
      .gradient_scale = 1,
      .step = self->step + 1,
  };
  gboolean done;

  g_return_val_if_fail (TPD_IS_OPTIMIZER (self), FALSE);

  tpd_context_push_scope (ctx);
  gradients = collect_gradients (self, ctx);
  done = global_norm (self, ctx, gradients, grad_norm, error);
  if (done)
    {
      if (clip > 0 && *grad_norm > clip)
        hyper.gradient_scale = clip / *grad_norm;
      for (guint i = 0; i < self->runs->len; i++)
        {
          const Run *run = &g_array_index (self->runs, Run, i);

          hyper.learning_rate = learning_rate * run->rate;
          update (self, ctx, run, gradients, &hyper);
        }
      done = tpd_context_sync (ctx, error);
    }
  tpd_context_pop_scope (ctx, NULL);
  for (guint i = 0; i < self->params->len; i++)
    tpd_tensor_clear_grad (self->params->pdata[i]);
  self->step += done;
  return done;
}

guint
tpd_optimizer_get_n (TpdOptimizer *self)
{
  return self->params->len;
}

TpdTensor *
tpd_optimizer_get_param (TpdOptimizer *self, guint i)
{
  return self->params->pdata[i];
}

TpdTensor *
tpd_optimizer_get_first_moment (TpdOptimizer *self, guint i)
{
  return self->first->pdata[i];
}

TpdTensor *
tpd_optimizer_get_second_moment (TpdOptimizer *self, guint i)
{
  return self->second->pdata[i];
}

gint64
tpd_optimizer_get_step (TpdOptimizer *self)
{
  return self->step;
}

void
tpd_optimizer_set_step (TpdOptimizer *self, gint64 step)
{
  self->step = step;
}

static void
tpd_optimizer_finalize (GObject *object)
{
  TpdOptimizer *self = TPD_OPTIMIZER (object);

  g_clear_object (&self->communicator);
  g_ptr_array_unref (self->params);
  g_ptr_array_unref (self->first);
  g_ptr_array_unref (self->second);
  g_byte_array_unref (self->decay);
  g_array_unref (self->runs);
  G_OBJECT_CLASS (tpd_optimizer_parent_class)->finalize (object);
}

static void
tpd_optimizer_class_init (TpdOptimizerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_optimizer_finalize;
}

static void
tpd_optimizer_init (TpdOptimizer *self)
{
  self->params = g_ptr_array_new_with_free_func ((GDestroyNotify)tpd_tensor_unref);
  self->first = g_ptr_array_new_with_free_func ((GDestroyNotify)tpd_tensor_unref);
  self->second = g_ptr_array_new_with_free_func ((GDestroyNotify)tpd_tensor_unref);
  self->decay = g_byte_array_new ();
  self->runs = g_array_new (FALSE, FALSE, sizeof (Run));
}
