/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "text/tpd-clip-text.h"

#include "core/tpd-tape.h"
#include "golden.h"

/* The CLIP text encoder against transformers: make-clip-text.py. */

/* f32 on both sides; sums of other order differ by a few units in the last place a layer. */
#define FORWARD_TOLERANCE  1e-5
#define GRADIENT_TOLERANCE 1e-4

typedef struct
{
  TpdContext *ctx;
  TpdSafetensors *file;
  TpdClipText *model;
  TpdHostTensor ids;
} Case;

static void
case_open (Case *self, const char *name)
{
  g_autofree char *file_name = g_strdup_printf ("clip-text-%s.safetensors", name);
  g_autoptr (TpdDevice) device = golden_device ();
  g_autoptr (JsonObject) config = NULL;
  g_autoptr (GError) error = NULL;

  self->file = golden_open (file_name);
  self->ctx = tpd_context_new (device, &error);
  g_assert_no_error (error);
  config = golden_json (self->file, "config");
  self->model = tpd_clip_text_new (config, "golden", &error);
  g_assert_no_error (error);
  tpd_param_store_load (tpd_component_get_params (TPD_COMPONENT (self->model)), self->ctx,
                        tpd_safetensors_lookup_func, self->file, "golden", &error);
  g_assert_no_error (error);
  tpd_safetensors_require (self->file, "ids", &self->ids, &error);
  g_assert_no_error (error);
  tpd_context_push_scope (self->ctx);
}

static void
case_close (Case *self)
{
  tpd_context_pop_scope (self->ctx, NULL);
  g_object_unref (self->model);
  g_object_unref (self->ctx);
  g_object_unref (self->file);
}

static void
encode (Case *self, TpdTensor **states, TpdTensor **pooled)
{
  tpd_clip_text_encode (self->model, self->ctx, self->ids.data, self->ids.shape[0],
                        self->ids.shape[1], states, pooled);
}

static void
test_forward (gconstpointer name)
{
  TpdTensor *states, *pooled;
  Case self;

  case_open (&self, name);
  encode (&self, &states, &pooled);
  golden_compare (self.ctx, states, self.file, "states", FORWARD_TOLERANCE);
  golden_compare (self.ctx, pooled, self.file, "pooled", FORWARD_TOLERANCE);
  case_close (&self);
}

/* sum (x · probe) */
static TpdTensor *
probe (Case *self, TpdTensor *x, const char *name)
{
  TpdTensor *mean =
      tpd_mean (self->ctx, tpd_mul (self->ctx, x, golden_tensor (self->ctx, self->file, name)));

  return tpd_scale (self->ctx, mean, (double)tpd_tensor_n_elements (x));
}

static void
test_backward (gconstpointer name)
{
  TpdTensor *states, *pooled, *loss;
  TpdParamStore *params;
  Case self;

  case_open (&self, name);
  params = tpd_component_get_params (TPD_COMPONENT (self.model));
  tpd_param_store_set_trainable (params, TRUE);
  tpd_tape_begin (self.ctx);
  encode (&self, &states, &pooled);
  loss = tpd_add (self.ctx, probe (&self, states, "probe"), probe (&self, pooled, "probe_pooled"));
  tpd_tape_backward (self.ctx, loss, 1);
  golden_compare_param_grads (self.ctx, params, self.file, GRADIENT_TOLERANCE);
  case_close (&self);
}

int
main (int argc, char **argv)
{
  static const char *const cases[] = {"sd15", "gelu"};

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *forward = g_strdup_printf ("/clip-text/%s/forward", cases[i]);
      g_autofree char *backward = g_strdup_printf ("/clip-text/%s/backward", cases[i]);

      g_test_add_data_func (forward, cases[i], test_forward);
      g_test_add_data_func (backward, cases[i], test_backward);
    }
  return g_test_run ();
}
