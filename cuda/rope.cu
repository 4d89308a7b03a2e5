/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-table.cuh"

/* A thread turns the pairs of one pack; x is a table of [B·N, H, D], whose rows' start lies apart.
 */

#define THREADS 256

struct Shape
{
  int64_t tokens, heads, packs; /* packs a head */
  int64_t n;                    /* packs in all */
  int64_t size;                 /* of a head */
};

template <typename T>
static __global__ void
__launch_bounds__ (THREADS)
    rope_kernel (Shape shape, const __grid_constant__ TpdTable<T> y, int64_t y_batch,
                 const __grid_constant__ TpdTable<T> x, int64_t x_batch, TpdTable<T> cos,
                 TpdTable<T> sin, float sign)
{
  constexpr int V = TpdPack<T>::size;

  for (int64_t i = blockIdx.x * (int64_t)THREADS + threadIdx.x; i < shape.n;
       i += gridDim.x * (int64_t)THREADS)
    {
      int64_t pack = i % shape.packs, head = i / shape.packs % shape.heads;
      int64_t token = i / (shape.packs * shape.heads);
      int64_t b = token / shape.tokens, d = pack * V;
      int n = shape.size - d < V ? (int)(shape.size - d) : V;
      TpdTable<T> to = y, from = x;
      float in[V], out[V] = {}; /* `store` rounds all of it, and writes n */

      token %= shape.tokens;
      to.data += b * y_batch;
      from.data += b * x_batch;
      from.load (token, head, d, n, in);
#pragma unroll
      for (int k = 0; k < V; k += 2)
        if (k < n)
          {
            float c = tpd_load (cos.at (0, token, (d + k) / 2));
            float s = tpd_load (sin.at (0, token, (d + k) / 2)) * sign;

            out[k] = c * in[k] - s * in[k + 1];
            out[k + 1] = s * in[k] + c * in[k + 1];
          }
      to.store (token, head, d, n, out);
    }
}

/* [N, H, D] of one sample of [B, N, H, D]; packs only if the samples' starts allow it too. */
template <typename T>
static TpdTable<T>
sample_table (const TpdView *view)
{
  TpdView sample = *view;
  TpdTable<T> self;

  sample.n_dims = 3;
  for (int i = 0; i < 3; i++)
    {
      sample.shape[i] = view->shape[i + 1];
      sample.stride[i] = view->stride[i + 1];
    }
  self = tpd_table<T> (&sample);
  self.packs = self.packs && view->stride[0] % TpdPack<T>::size == 0;
  return self;
}

template <typename T>
static void
rope (TpdExec *exec, const TpdView *y, const TpdView *x, const TpdView *cos, const TpdView *sin,
      float sign)
{
  constexpr int v = TpdPack<T>::size;
  Shape shape = {x->shape[1], x->shape[2], (x->shape[3] + v - 1) / v};

  shape.n = x->shape[0] * shape.tokens * shape.heads * shape.packs;
  shape.size = x->shape[3];
  if (shape.n > 0)
    tpd_launch (exec, "rope", tpd_grid (exec, shape.n, THREADS), THREADS, 0, rope_kernel<T>, shape,
                sample_table<T> (y), y->stride[0], sample_table<T> (x), x->stride[0],
                tpd_table<T> (cos), tpd_table<T> (sin), sign);
}

void
tpd_cuda_rope (TpdExec *exec, const TpdView *y, const TpdView *x, const TpdView *cos,
               const TpdView *sin, int inverse)
{
  TPD_DISPATCH_FLOAT (exec, "rope", x->dtype, T,
                      rope<T> (exec, y, x, cos, sin, inverse ? -1.0f : 1.0f));
}
