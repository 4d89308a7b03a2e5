/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Runs CUDA kernels on the host, to test their logic: indices, strides, tails, barriers,
 * reductions. One fiber a thread, one block after another; the order of threads and of blocks turns
 * around with every launch, so that a missing barrier, or a block that needs another one, shows as
 * a result that is wrong or changes. It stops the program when threads of a block wait at different
 * barriers, or lanes of a warp at different shuffles, or wait for one that has left. Reads and
 * writes outside memory, shared memory included, are for asan to find. What it cannot show: two
 * warps that race between the same two barriers in a way that no order of whole turns shows, and
 * how fast anything is. */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C"
{
#endif

  typedef struct
  {
    unsigned x, y, z;
  } TpdShimIndex;

  /* The running thread. */
  typedef struct
  {
    TpdShimIndex thread, block, block_size, grid_size;
  } TpdShimNow;

  extern TpdShimNow tpd_shim_now;

  /* Calls body (data) for every thread of every block. One launch at a time: others wait. */
  void tpd_shim_launch (TpdShimIndex grid, TpdShimIndex block, size_t shared_bytes,
                        void (*body) (void *data), void *data);

  /* The block's dynamic shared memory, 16-byte aligned; filled with garbage when a block starts. */
  void *tpd_shim_shared (void);

  /* ── called by threads; `line` tells barriers apart ── */

  /* Waits for all threads of the block. Returns whether any of them brought a predicate other than
   * 0. */
  int tpd_shim_meet_block (int predicate, int line);

  /* Waits for the lanes in `mask`, which are all of the warp. Returns what each of them brought,
   * good until the thread meets its warp again. */
  const uint64_t *tpd_shim_meet_warp (unsigned mask, uint64_t value, int line);

  /* Index in the warp. */
  int tpd_shim_lane (void);

  /* Whether kernels for tensor cores are run, too: only with TPD_SHIM_TENSOR_CORES=1, because 32
   * fibers meet for each of their instructions, and whole models would take minutes. */
  int tpd_shim_has_tensor_cores (void);

#ifdef __cplusplus
}
#endif
