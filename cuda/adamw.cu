/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "tpd-chunks.cuh"
#include "tpd-space.cuh"

/* What is the same for all elements; Algorithm 2 of Loshchilov & Hutter 2019, decay scaled by the
 * learning rate. */
struct Constants
{
  float beta1, beta2, rest1, rest2; /* rest = 1 − beta, which float would take the digits of */
  float gradient_scale, eps;
  float step;         /* learning rate / (1 − beta1^t) */
  float second_scale; /* 1 / (1 − beta2^t) */
};

static Constants
constants_of (const TpdAdamW *hyper)
{
  double correction1 = 1 - pow (hyper->beta1, (double)hyper->step);
  double correction2 = 1 - pow (hyper->beta2, (double)hyper->step);

  return {(float)hyper->beta1,
          (float)hyper->beta2,
          (float)(1 - hyper->beta1),
          (float)(1 - hyper->beta2),
          (float)hyper->gradient_scale,
          (float)hyper->eps,
          (float)(hyper->learning_rate / correction1),
          (float)(1 / correction2)};
}

/* shrink: learning rate · weight decay */
static __device__ __forceinline__ void
update (const Constants &k, float shrink, float &p, float g, float &m, float &v)
{
  g *= k.gradient_scale;
  m = k.beta1 * m + k.rest1 * g;
  v = k.beta2 * v + k.rest2 * g * g;
  p -= k.step * m / (sqrtf (v * k.second_scale) + k.eps) + shrink * p;
}

template <typename T> struct Entry
{
  T *p;
  const T *g;
  float *m, *v;
  int64_t n;
  unsigned first_chunk;
  bool decays, packs;
};

template <typename T>
static __device__ __forceinline__ void
update_pack (const Constants &k, float shrink, const Entry<T> &entry, int64_t first)
{
  constexpr int V = TpdPack<T>::size;
  TpdPack<T> p = *(TpdPack<T> *)(entry.p + first), g = *(const TpdPack<T> *)(entry.g + first);

#pragma unroll
  for (int j = 0; j < V; j += 4)
    {
      TpdPack<float> m = *(TpdPack<float> *)(entry.m + first + j);
      TpdPack<float> v = *(TpdPack<float> *)(entry.v + first + j);

#pragma unroll
      for (int i = 0; i < 4; i++)
        {
          float weight = tpd_load (&p.x[j + i]);

          update (k, shrink, weight, tpd_load (&g.x[j + i]), m.x[i], v.x[i]);
          tpd_store (&p.x[j + i], weight);
        }
      *(TpdPack<float> *)(entry.m + first + j) = m;
      *(TpdPack<float> *)(entry.v + first + j) = v;
    }
  *(TpdPack<T> *)(entry.p + first) = p;
}

template <typename T>
static __global__ void
__launch_bounds__ (TPD_CHUNK_THREADS)
    chunks_kernel (const __grid_constant__ TpdChunks<Entry<T> > chunks, Constants k, float shrink)
{
  constexpr int V = TpdPack<T>::size;
  const Entry<T> &entry = chunks.entries[chunks.find (blockIdx.x)];
  int64_t start = (int64_t)(blockIdx.x - entry.first_chunk) * TPD_CHUNK_ELEMENTS;
  int64_t end = start + TPD_CHUNK_ELEMENTS < entry.n ? start + TPD_CHUNK_ELEMENTS : entry.n;

  shrink = entry.decays ? shrink : 0;
  for (int64_t first = start + threadIdx.x * V; first < end; first += TPD_CHUNK_THREADS * V)
    {
      if (entry.packs && first + V <= end)
        {
          update_pack (k, shrink, entry, first);
          continue;
        }
      for (int64_t i = first; i < end && i < first + V; i++)
        {
          float p = tpd_load (entry.p + i);

          update (k, shrink, p, tpd_load (entry.g + i), entry.m[i], entry.v[i]);
          tpd_store (entry.p + i, p);
        }
    }
}

/* A parameter that does not lie in one piece, or whose gradient does not. */
template <typename T>
static __global__ void
__launch_bounds__ (TPD_CHUNK_THREADS)
    strided_kernel (const __grid_constant__ TpdSpace<4> space, Constants k, float shrink)
{
  for (int64_t i = blockIdx.x * (int64_t)TPD_CHUNK_THREADS + threadIdx.x; i < space.n;
       i += gridDim.x * (int64_t)TPD_CHUNK_THREADS)
    {
      int64_t at[4];
      float p;

      tpd_space_offsets (space, i, at);
      p = tpd_load ((const T *)(space.data[0] + at[0]));
      update (k, shrink, p, tpd_load ((const T *)(space.data[1] + at[1])),
              *(float *)(space.data[2] + at[2]), *(float *)(space.data[3] + at[3]));
      tpd_store ((T *)(space.data[0] + at[0]), p);
    }
}

template <typename T>
static void
flush (TpdExec *exec, TpdChunks<Entry<T> > *chunks, unsigned n_chunks, Constants k, float shrink)
{
  if (chunks->n > 0)
    tpd_launch (exec, "adamw", n_chunks, TPD_CHUNK_THREADS, 0, chunks_kernel<T>, *chunks, k,
                shrink);
  chunks->n = 0;
}

static bool
is_aligned (const TpdView *view)
{
  return (uintptr_t)view->data % 16 == 0;
}

template <typename T>
static void
adamw (TpdExec *exec, size_t n, const TpdView *const *p, const TpdView *const *g,
       const TpdView *const *m, const TpdView *const *v, const uint8_t *decay,
       const TpdAdamW *hyper)
{
  Constants k = constants_of (hyper);
  float shrink = (float)(hyper->learning_rate * hyper->weight_decay);
  TpdChunks<Entry<T> > chunks;
  unsigned gathered = 0;

  chunks.n = 0;
  for (size_t i = 0; i < n; i++)
    {
      int64_t n_elements = tpd_view_n_elements (p[i]);

      if (n_elements == 0)
        continue;
      if (!tpd_view_is_contiguous (p[i]) || !tpd_view_is_contiguous (g[i]) ||
          !tpd_view_is_contiguous (m[i]) || !tpd_view_is_contiguous (v[i]))
        {
          tpd_launch (exec, "adamw", tpd_grid (exec, n_elements, TPD_CHUNK_THREADS),
                      TPD_CHUNK_THREADS, 0, strided_kernel<T>,
                      tpd_space<4> ({p[i], g[i], m[i], v[i]}), k, decay[i] ? shrink : 0.0f);
          continue;
        }
      if (chunks.n == chunks.max)
        {
          flush (exec, &chunks, gathered, k, shrink);
          gathered = 0;
        }
      chunks.entries[chunks.n++] = {(T *)p[i]->data,
                                    (const T *)g[i]->data,
                                    (float *)m[i]->data,
                                    (float *)v[i]->data,
                                    n_elements,
                                    gathered,
                                    decay[i] != 0,
                                    is_aligned (p[i]) && is_aligned (g[i]) && is_aligned (m[i]) &&
                                        is_aligned (v[i])};
      gathered += tpd_n_chunks (n_elements);
    }
  flush (exec, &chunks, gathered, k, shrink);
}

void
tpd_cuda_adamw (TpdExec *exec, size_t n, const TpdView *const *p, const TpdView *const *g,
                const TpdView *const *m, const TpdView *const *v, const uint8_t *decay,
                const TpdAdamW *hyper)
{
  if (n > 0)
    TPD_DISPATCH_FLOAT (exec, "adamw", p[0]->dtype, T,
                        adamw<T> (exec, n, p, g, m, v, decay, hyper));
}
