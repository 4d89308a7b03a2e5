/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-chunks.cuh"
#include "tpd-space.cuh"
#include "tpd-total.cuh"

/* A block leaves the sum of one chunk of one tensor in scratch memory. */

template <typename T> struct Entry
{
  const T *x;
  int64_t n;
  unsigned first_chunk;
  bool packs;
};

template <typename T>
static __global__ void
__launch_bounds__ (TPD_CHUNK_THREADS)
    chunks_kernel (const __grid_constant__ TpdChunks<Entry<T> > chunks, float *partial)
{
  constexpr int V = TpdPack<T>::size;
  __shared__ float shared[TPD_CHUNK_THREADS / TPD_WARP];
  const Entry<T> &entry = chunks.entries[chunks.find (blockIdx.x)];
  int64_t start = (int64_t)(blockIdx.x - entry.first_chunk) * TPD_CHUNK_ELEMENTS;
  int64_t end = start + TPD_CHUNK_ELEMENTS < entry.n ? start + TPD_CHUNK_ELEMENTS : entry.n;
  float sum = 0;

  for (int64_t first = start + threadIdx.x * V; first < end; first += TPD_CHUNK_THREADS * V)
    {
      if (entry.packs && first + V <= end)
        {
          TpdPack<T> pack = *(const TpdPack<T> *)(entry.x + first);

#pragma unroll
          for (int i = 0; i < V; i++)
            sum += tpd_load (&pack.x[i]) * tpd_load (&pack.x[i]);
          continue;
        }
      for (int64_t i = first; i < end && i < first + V; i++)
        sum += tpd_load (entry.x + i) * tpd_load (entry.x + i);
    }
  sum = tpd_block_sum (sum, shared);
  if (threadIdx.x == 0)
    partial[blockIdx.x] = sum;
}

/* The same for a tensor of any strides, in chunks of its own. */
template <typename T>
static __global__ void
__launch_bounds__ (TPD_CHUNK_THREADS)
    strided_kernel (const __grid_constant__ TpdSpace<1> space, float *partial)
{
  __shared__ float shared[TPD_CHUNK_THREADS / TPD_WARP];
  int64_t start = (int64_t)blockIdx.x * TPD_CHUNK_ELEMENTS;
  float sum = 0;

  for (int64_t i = start + threadIdx.x; i < start + TPD_CHUNK_ELEMENTS && i < space.n;
       i += TPD_CHUNK_THREADS)
    {
      int64_t at[1];
      float x;

      tpd_space_offsets (space, i, at);
      x = tpd_load ((const T *)(space.data[0] + at[0]));
      sum += x * x;
    }
  sum = tpd_block_sum (sum, shared);
  if (threadIdx.x == 0)
    partial[blockIdx.x] = sum;
}

/* Launches the entries gathered so far, of n_chunks chunks. */
template <typename T>
static void
flush (TpdExec *exec, TpdChunks<Entry<T> > *chunks, unsigned n_chunks, float *partial)
{
  if (chunks->n > 0)
    tpd_launch (exec, "sum_squares", n_chunks, TPD_CHUNK_THREADS, 0, chunks_kernel<T>, *chunks,
                partial);
  chunks->n = 0;
}

static unsigned
count_chunks (size_t n, const TpdView *const *x)
{
  unsigned n_chunks = 0;

  for (size_t k = 0; k < n; k++)
    n_chunks += tpd_n_chunks (tpd_view_n_elements (x[k]));
  return n_chunks;
}

template <typename T>
static void
sum_squares (TpdExec *exec, const TpdView *sum, size_t n, const TpdView *const *x)
{
  unsigned total = count_chunks (n, x), gathered = 0;
  float *partial = (float *)exec->scratch (exec, (total + 1) * sizeof *partial);
  float *front = partial, *back = partial + total; /* of the gathered, of those launched alone */
  TpdChunks<Entry<T> > chunks;

  if (partial == NULL)
    return;
  chunks.n = 0;
  for (size_t k = 0; k < n; k++)
    {
      int64_t n_elements = tpd_view_n_elements (x[k]);
      unsigned n_chunks = tpd_n_chunks (n_elements);

      if (n_chunks == 0)
        continue;
      if (!tpd_view_is_contiguous (x[k]))
        {
          back -= n_chunks;
          tpd_launch (exec, "sum_squares", n_chunks, TPD_CHUNK_THREADS, 0, strided_kernel<T>,
                      tpd_space<1> ({x[k]}), back);
          continue;
        }
      if (chunks.n == chunks.max)
        {
          flush (exec, &chunks, gathered, front);
          front += gathered;
          gathered = 0;
        }
      chunks.entries[chunks.n++] = {(const T *)x[k]->data, n_elements, gathered,
                                    (uintptr_t)x[k]->data % 16 == 0};
      gathered += n_chunks;
    }
  flush (exec, &chunks, gathered, front);
  tpd_total_finish (exec, "sum_squares", sum, partial, total, 1);
}

void
tpd_cuda_sum_squares (TpdExec *exec, const TpdView *sum, size_t n, const TpdView *const *x)
{
  TPD_DISPATCH_FLOAT (exec, "sum_squares", n > 0 ? x[0]->dtype : TPD_F32, T,
                      sum_squares<T> (exec, sum, n, x));
}
