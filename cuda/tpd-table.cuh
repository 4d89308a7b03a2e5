/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-kernel.cuh"

/* An operand of shape [G, R, C] with any strides, read and written V = TpdPack<T>::size
 * neighbouring columns at a time, in one 16-byte access where memory allows. A stride of 0 repeats,
 * so scale factors [G, C] and weights [C] are tables too. */
template <typename T> struct TpdTable
{
  static constexpr int V = TpdPack<T>::size;

  T *data; /* NULL: there is none */
  int64_t stride[3];
  bool packs;

  __device__ __forceinline__ T *
  at (int64_t g, int64_t r, int64_t c) const
  {
    return data + g * stride[0] + r * stride[1] + c * stride[2];
  }

  /* Columns c … c + n − 1, n ≤ V; the others become 0. */
  __device__ __forceinline__ void
  load (int64_t g, int64_t r, int64_t c, int n, float x[V]) const
  {
    unpack (fetch (g, r, c, n), x);
  }

  /* The same, still as T: a row that is kept in registers takes half the room. */
  __device__ __forceinline__ TpdPack<T>
  fetch (int64_t g, int64_t r, int64_t c, int n) const
  {
    const T *from = at (g, r, c);
    TpdPack<T> pack;

    if (packs)
      return *(const TpdPack<T> *)from;
#pragma unroll
    for (int i = 0; i < V; i++)
      if (i < n)
        pack.x[i] = from[i * stride[2]];
      else
        tpd_store (&pack.x[i], 0);
    return pack;
  }

  static __device__ __forceinline__ void
  unpack (const TpdPack<T> &pack, float x[V])
  {
#pragma unroll
    for (int i = 0; i < V; i++)
      x[i] = tpd_load (&pack.x[i]);
  }

  __device__ __forceinline__ void
  store (int64_t g, int64_t r, int64_t c, int n, const float x[V]) const
  {
    T *to = at (g, r, c);
    TpdPack<T> pack;

#pragma unroll
    for (int i = 0; i < V; i++)
      tpd_store (&pack.x[i], x[i]);
    if (packs)
      {
        *(TpdPack<T> *)to = pack;
        return;
      }
#pragma unroll
    for (int i = 0; i < V; i++)
      if (i < n)
        to[i * stride[2]] = pack.x[i];
  }
};

template <typename T>
static inline TpdTable<T>
tpd_table_with_strides (const TpdView *view, int64_t columns, int64_t group, int64_t row)
{
  TpdTable<T> self = {};
  int64_t column;

  if (view == NULL)
    return self;
  column = view->stride[view->n_dims - 1];
  self.data = (T *)view->data;
  self.stride[0] = group;
  self.stride[1] = row;
  self.stride[2] = column;
  self.packs = column == 1 && tpd_packs<T> (view->data, columns, group) &&
               tpd_packs<T> (view->data, columns, row);
  return self;
}

/* Of shape [G, R, C] or [R, C]. NULL gives an empty table. */
template <typename T>
static inline TpdTable<T>
tpd_table (const TpdView *view)
{
  if (view == NULL)
    return {};
  return tpd_table_with_strides<T> (view, view->shape[view->n_dims - 1],
                                    view->n_dims == 3 ? view->stride[0] : 0,
                                    view->stride[view->n_dims - 2]);
}

/* One row a group, of shape [G, C], [1, C] or [C], repeated over the rows. */
template <typename T>
static inline TpdTable<T>
tpd_table_of_groups (const TpdView *view)
{
  if (view == NULL)
    return {};
  return tpd_table_with_strides<T> (view, view->shape[view->n_dims - 1],
                                    view->n_dims == 2 && view->shape[0] > 1 ? view->stride[0] : 0,
                                    0);
}

/* One number a row: of shape [G, R] or [R]. */
template <typename T>
static inline TpdTable<T>
tpd_table_of_rows (const TpdView *view)
{
  TpdTable<T> self = {(T *)view->data};

  self.stride[0] = view->n_dims == 2 ? view->stride[0] : 0;
  self.stride[1] = view->stride[view->n_dims - 1];
  return self;
}
