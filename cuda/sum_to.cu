/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-columns.cuh"
#include "tpd-space.cuh"

/* The dimensions that y keeps are groups of columns, those summed over are rows (tpd-columns.cuh).
 * Columns run along memory where they can; else a sum is a group of its own, and a block's threads
 * run along what is summed. */

template <typename T> struct Term
{
  static constexpr int V = TpdPack<T>::size;

  TpdSpace<2> kept;   /* of y and x */
  TpdSpace<1> summed; /* of x */
  int64_t columns;
  bool packs;

  __device__ __forceinline__ void
  operator() (int64_t g, int64_t r, int64_t c, int n, float (*sum)[V]) const
  {
    int64_t first[2], row[1];
    const T *x;

    tpd_space_offsets (kept, g * columns + c, first);
    tpd_space_offsets (summed, r, row);
    x = (const T *)(kept.data[1] + first[1] + row[0]);
    if (packs)
      {
        TpdPack<T> pack = *(const TpdPack<T> *)x;

#pragma unroll
        for (int i = 0; i < V; i++)
          sum[0][i] += tpd_load (&pack.x[i]);
        return;
      }
    for (int i = 0; i < n; i++)
      sum[0][i] += tpd_load (x + i);
  }
};

template <typename T> struct Out
{
  TpdSpace<2> kept;
  int64_t columns;

  __device__ T *
  at (int, int64_t g, int64_t c) const
  {
    int64_t at[2];

    tpd_space_offsets (kept, g * columns + c, at);
    return (T *)(kept.data[0] + at[0]);
  }
};

/* Whether each start of a row of columns is a multiple of 16 bytes, and rows have whole packs. */
template <typename T>
static bool
rows_pack (const TpdSpace<2> *kept, const TpdSpace<1> *summed, int64_t columns)
{
  bool packs = (uintptr_t)kept->data[1] % 16 == 0 && columns % TpdPack<T>::size == 0;

  for (int i = 0; i < kept->n_dims - 1; i++)
    packs = packs && kept->stride[1][i] % 16 == 0;
  for (int i = 0; i < summed->n_dims; i++)
    packs = packs && summed->stride[0][i] % 16 == 0;
  return packs;
}

template <typename T>
static void
sum_to (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  constexpr int v = TpdPack<T>::size;
  TpdView kept_x = *x, summed_x = *x;
  TpdSpace<2> kept;
  TpdSpace<1> summed;
  TpdColumns columns;
  int64_t n_columns;
  bool along;
  float *partial;

  for (int i = 0; i < x->n_dims; i++)
    if (y->shape[i] == 1)
      kept_x.shape[i] = 1;
    else
      summed_x.shape[i] = 1;
  kept = tpd_space<2> ({y, &kept_x});
  summed = tpd_space<1> ({&summed_x});
  if (kept.n == 0)
    return;
  along = kept.stride[1][kept.n_dims - 1] == sizeof (T);
  n_columns = along ? kept.shape[kept.n_dims - 1] : 1;
  columns = tpd_columns (exec, kept.n / n_columns, summed.n, n_columns, v);
  partial = (float *)exec->scratch (exec, tpd_columns_bytes (&columns, 1));
  if (partial != NULL)
    tpd_columns_sum<1, v> (
        exec, "sum_to", &columns, partial,
        Term<T>{kept, summed, n_columns, along && rows_pack<T> (&kept, &summed, n_columns)},
        Out<T>{kept, n_columns});
}

void
tpd_cuda_sum_to (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  TPD_DISPATCH_FLOAT (exec, "sum_to", y->dtype, T, sum_to<T> (exec, y, x));
}
