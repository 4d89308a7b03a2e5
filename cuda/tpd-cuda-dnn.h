/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-cuda-queue.h"
#include "tpd-cuda-view.h"

G_BEGIN_DECLS

/* Convolution and attention by cuDNN. The seam where tests put the CPU's reference in its place.
 * All run on the stream of exec and report errors there. Engines are looked for once for each
 * shape and remembered. */

/* Which of the three products a convolution is asked for. */
typedef enum
{
  TPD_CUDA_CONV_Y,  /* y = x ⋆ w */
  TPD_CUDA_CONV_DX, /* x's gradient from y's */
  TPD_CUDA_CONV_DW, /* w's gradient from y's */
} TpdCudaConvResult;

/* x: [N, H, W, I]   w: [O, kh, kw, I]   y: [N, Ho, Wo, O], each contiguous at an address that is a
 * multiple of 16; of f16 and bf16, I and O are multiples of 8. Padding is the same on opposite
 * sides. `result` says which of the three is written; the other two are read. `workspace` has the
 * bytes that tpd_cuda_dnn_conv_workspace() wanted for these shapes. */
void tpd_cuda_dnn_conv (TpdExec *exec, TpdCudaConvResult result, const TpdView *y, const TpdView *x,
                        const TpdView *w, const TpdConvGeometry *geometry, void *workspace);

/* Bytes, looking at shapes alone. -1 after an error: cuDNN has no engine for these shapes, say. */
gint64 tpd_cuda_dnn_conv_workspace (TpdExec *exec, TpdCudaConvResult result, const TpdView *y,
                                    const TpdView *x, const TpdView *w,
                                    const TpdConvGeometry *geometry);

/* The op of the same name, without masks. FALSE: cuDNN has no engine for these shapes on this GPU;
 * nothing was done or reported. */
gboolean tpd_cuda_dnn_attention (TpdExec *exec, const TpdView *o, const TpdView *lse,
                                 const TpdView *q, const TpdView *k, const TpdView *v,
                                 double scale);

/* Plans and handle of one queue. */
void tpd_cuda_dnn_free (TpdCudaDnn *self);

G_END_DECLS
