/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "models/tpd-mini-flux.h"

#include <stdlib.h>
#include <time.h>

#include "core/tpd-parallel.h"
#include "core/tpd-tape.h"
#include "ops/tpd-op.h"

/* Times one denoiser step, forward and forward + backward, of a network of the bundled model's
 * size; bench-miniflux.py does the same in PyTorch. Prints JSON.
 *
 *     bench-miniflux [BATCH [FRAMES [SIDE [RUNS]]]]        clips of FRAMES × SIDE × SIDE latents */

#define LATENT_CHANNELS 16
#define TEXT_TOKENS     16
#define TEXT_CHANNELS   192

static const char config_json[] =
    "{\"in_channels\": 64, \"num_layers\": 2, \"num_single_layers\": 4, \"attention_head_dim\": 64,"
    " \"num_attention_heads\": 3, \"joint_attention_dim\": 192, \"pooled_projection_dim\": 192,"
    " \"axes_dims_rope\": [16, 24, 24], \"use_temporal_causal\": false}";

typedef struct
{
  TpdContext *ctx;
  TpdMiniFlux *model;
  TpdTensor *x, *target;
  TpdConditioning conditioning;
  double *timesteps;
} Bench;

static TpdTensor *
random_tensor (TpdContext *ctx, guint64 seed, int n_dims, const gint64 *shape)
{
  return tpd_randn (ctx, TPD_F32, n_dims, shape, seed, 0);
}

/* Half of the text tokens are padding, as with short prompts. */
static TpdTensor *
half_mask (TpdContext *ctx, gint64 batch)
{
  TpdTensor *mask = tpd_zeros (ctx, TPD_I32, TPD_SHAPE (batch, TEXT_TOKENS));

  tpd_fill (ctx, tpd_slice (ctx, mask, 1, 0, TEXT_TOKENS / 2, 1), 1);
  return mask;
}

static void
bench_open (Bench *self, gint64 batch, gint64 frames, gint64 side)
{
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", NULL);
  g_autoptr (JsonNode) json = json_from_string (config_json, NULL);
  TpdParamStore *params;

  self->ctx = tpd_context_new (device, NULL);
  self->model = tpd_mini_flux_new (json_node_get_object (json), "bench", NULL);
  params = tpd_component_get_params (TPD_COMPONENT (self->model));
  tpd_param_store_initialize (params, self->ctx, 1, NULL);
  tpd_param_store_set_trainable (params, TRUE);

  tpd_context_push_scope (self->ctx);
  self->x = random_tensor (self->ctx, 2, TPD_SHAPE (batch, frames, LATENT_CHANNELS, side, side));
  self->target = random_tensor (self->ctx, 3, 5, self->x->view.shape);
  self->conditioning.text =
      random_tensor (self->ctx, 4, TPD_SHAPE (batch, TEXT_TOKENS, TEXT_CHANNELS));
  self->conditioning.pooled = random_tensor (self->ctx, 5, TPD_SHAPE (batch, TEXT_CHANNELS));
  self->conditioning.mask = half_mask (self->ctx, batch);
  self->timesteps = g_new0 (double, batch);
}

/* Seconds, on the clock and of all cores. */
typedef struct
{
  double wall, cpu;
} Seconds;

static Seconds
step (Bench *self, gboolean backward)
{
  TpdParamStore *params = tpd_component_get_params (TPD_COMPONENT (self->model));
  gint64 start = g_get_monotonic_time ();
  clock_t cpu_start = clock ();
  TpdTensor *y;

  tpd_context_push_scope (self->ctx);
  if (backward)
    tpd_tape_begin (self->ctx);
  y = tpd_denoiser_predict (TPD_DENOISER (self->model), self->ctx, self->x, self->timesteps, 1,
                            &self->conditioning);
  if (backward)
    {
      tpd_tape_backward (self->ctx, tpd_mse (self->ctx, y, self->target), 1);
      for (guint i = 0; i < tpd_param_store_get_n (params); i++)
        tpd_tensor_clear_grad (tpd_param_store_get_tensor (params, i));
    }
  tpd_context_pop_scope (self->ctx, NULL);
  tpd_context_sync (self->ctx, NULL);
  return (Seconds){.wall = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC,
                   .cpu = (double)(clock () - cpu_start) / CLOCKS_PER_SEC};
}

/* The fastest of some runs, after one to warm up: others use the machine too. */
static Seconds
best (Bench *self, gboolean backward, int runs)
{
  Seconds fastest = {G_MAXDOUBLE, G_MAXDOUBLE};

  step (self, backward);
  for (int i = 0; i < runs; i++)
    {
      Seconds seconds = step (self, backward);

      fastest.wall = MIN (fastest.wall, seconds.wall);
      fastest.cpu = MIN (fastest.cpu, seconds.cpu);
    }
  return fastest;
}

int
main (int argc, char **argv)
{
  gint64 batch = argc > 1 ? atoi (argv[1]) : 32, frames = argc > 2 ? atoi (argv[2]) : 16;
  gint64 side = argc > 3 ? atoi (argv[3]) : 8;
  int runs = argc > 4 ? atoi (argv[4]) : 5;
  Bench self = {NULL};
  Seconds forward, both;

  bench_open (&self, batch, frames, side);
  forward = best (&self, FALSE, runs);
  both = best (&self, TRUE, runs);
  g_print ("{\"threads\": %u, \"batch\": %d, \"frames\": %d, \"side\": %d, "
           "\"forward_s\": %.4f, \"forward_cpu_s\": %.4f, \"forward_backward_s\": %.4f, "
           "\"forward_backward_cpu_s\": %.4f, \"peak_mib\": %.0f}\n",
           tpd_parallel_n_threads (), (int)batch, (int)frames, (int)side, forward.wall, forward.cpu,
           both.wall, both.cpu,
           (double)tpd_device_get_peak_bytes (tpd_context_get_device (self.ctx)) / 1048576);

  tpd_context_pop_scope (self.ctx, NULL);
  g_free (self.timesteps);
  g_object_unref (self.model);
  g_object_unref (self.ctx);
  return 0;
}
