/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What kernels and the host side of the CUDA backend agree on, in plain C: no GLib here.
 *
 * Every op of tpd-ops.def is one function tpd_cuda_<op>, of the signature declared there. Products,
 * convolution and the choice of an attention are host C (gemm.c, conv2d.c, attention.c); all others
 * are kernels, <op>.cu, each with its backward pass. An op without a function does not link. */

#include <cuda_runtime_api.h>

#include "../engine/ops/tpd-ops.h"

#ifdef __cplusplus
extern "C"
{
#endif

#define TPD_OP(name, ...) void tpd_cuda_##name (__VA_ARGS__);
#include "../engine/ops/tpd-ops.def"
#undef TPD_OP

  /* Attention for every shape, mask, head size up to 256 and architecture, by own kernels: what
   * tpd_cuda_attention runs where cuDNN has nothing. */
  void tpd_cuda_attention_portable (TpdExec *exec, const TpdView *o, const TpdView *lse,
                                    const TpdView *q, const TpdView *k, const TpdView *v,
                                    const TpdView *segment, const TpdView *order, double scale);
  void tpd_cuda_attention_bwd_portable (TpdExec *exec, const TpdView *dq, const TpdView *dk,
                                        const TpdView *dv, const TpdView *go, const TpdView *q,
                                        const TpdView *k, const TpdView *v, const TpdView *o,
                                        const TpdView *lse, const TpdView *segment,
                                        const TpdView *order, double scale);

  /* What a kernel may find wrong with its input. */
  typedef enum
  {
    TPD_CUDA_FAULT_NONE,
    TPD_CUDA_FAULT_EMBEDDING_ID, /* embedding: an id is outside the table */
  } TpdCudaFault;

  /* What TpdExec.stream points to. */
  typedef struct
  {
    cudaStream_t stream;
    int capability;        /* 10 · major + minor: 75, 80, 86, 89, 90 … */
    int n_multiprocessors; /* for grids that loop */
    int *fault;            /* kernels set it to a TpdCudaFault; sync reports and clears it */
  } TpdCudaStream;

  static inline const TpdCudaStream *
  tpd_cuda_stream (const TpdExec *exec)
  {
    return (const TpdCudaStream *)exec->stream;
  }

  /* The stream to work on, with its device made current in this thread. tpd_launch() calls it; so
   * does host code before any other call of the runtime or of a library. */
  cudaStream_t tpd_cuda_enter (TpdExec *exec);

  /* ── errors: an op reports and returns; the first report sticks to the context ── */

  /* After each launch (tpd_launch() does it): reports a launch that was refused. With
   * TPDIFF_CUDA_SYNC=1 waits for the kernel too, so that its own error is reported here and not at
   * some later op. `what` names the kernel. */
  void tpd_cuda_launched (TpdExec *exec, const char *what);

  /* Whether a call of the runtime went well; reports it if not. */
  int tpd_cuda_succeeded (TpdExec *exec, cudaError_t status, const char *what);

  /* Reports TPD_ERROR_UNSUPPORTED: "rope: f64 tensors are for the CPU". */
  void tpd_cuda_refuse (TpdExec *exec, const char *op, const char *why);

#ifdef __cplusplus
}
#endif
