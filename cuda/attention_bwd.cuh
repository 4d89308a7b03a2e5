/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "attention_portable.cuh"

/* What the backward kernels of attention read, whichever instructions they use. The mathematics is
 * in attention_portable_bwd.cu. Both kernels go over a score tile by rows and columns: rows are
 * queries and columns keys; or, with KEYS, the other way round. */

template <typename T> struct TpdAttentionOperands
{
  TpdHeads<T> q, go; /* of queries */
  TpdHeads<T> k, v;  /* of keys */
  TpdMask mask;
  const float *lse, *delta; /* [B, H, N] */
  int64_t heads, size;
  float scale;

  /* The operands whose product is a score. */
  template <bool KEYS>
  __device__ __forceinline__ const TpdHeads<T> &
  rows () const
  {
    return KEYS ? k : q;
  }

  template <bool KEYS>
  __device__ __forceinline__ const TpdHeads<T> &
  columns () const
  {
    return KEYS ? q : k;
  }

  /* Those whose product is the gradient of a weight. */
  template <bool KEYS>
  __device__ __forceinline__ const TpdHeads<T> &
  rows_p () const
  {
    return KEYS ? v : go;
  }

  template <bool KEYS>
  __device__ __forceinline__ const TpdHeads<T> &
  columns_p () const
  {
    return KEYS ? go : v;
  }
};

template <typename T>
static inline TpdAttentionOperands<T>
tpd_attention_operands (const TpdView *go, const TpdView *q, const TpdView *k, const TpdView *v,
                        const TpdView *lse, const float *delta, const TpdView *segment,
                        const TpdView *order, double scale)
{
  return {tpd_heads<T> (q),
          tpd_heads<T> (go),
          tpd_heads<T> (k),
          tpd_heads<T> (v),
          tpd_mask (segment, order),
          (const float *)lse->data,
          delta,
          q->shape[2],
          q->shape[3],
          (float)scale};
}
