/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../engine/core/tpd-view-layout.h"
#include "tpd-kernel.cuh"

/* Many tensors in one launch: each is cut into chunks, a block has one chunk, and the list of
 * tensors is the kernel's parameter (up to 32764 bytes from sm_70 on). E is a tensor's entry; it
 * has a member first_chunk. */

#define TPD_CHUNK_THREADS  256
#define TPD_CHUNK_ELEMENTS 8192
#define TPD_CHUNKS_BYTES   32000

template <typename E> struct TpdChunks
{
  static constexpr int max = (int)(TPD_CHUNKS_BYTES / sizeof (E));

  int n;
  E entries[max]; /* by ascending first_chunk */

  /* The entry that the block's chunk belongs to. */
  __device__ __forceinline__ int
  find (unsigned chunk) const
  {
    int low = 0, high = n;

    while (high - low > 1)
      {
        int middle = (low + high) / 2;

        if (entries[middle].first_chunk <= chunk)
          low = middle;
        else
          high = middle;
      }
    return low;
  }
};

static inline unsigned
tpd_n_chunks (int64_t n_elements)
{
  return (unsigned)((n_elements + TPD_CHUNK_ELEMENTS - 1) / TPD_CHUNK_ELEMENTS);
}
