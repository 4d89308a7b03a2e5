/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Plain C types that every backend shares. nvcc includes this file: no GLib here. */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C"
{
#endif

#define TPD_MAX_DIMS 6

  /**
   * TpdDtype:
   * @TPD_F32: IEEE single precision
   * @TPD_F64: IEEE double precision; CPU reference only (gradient checks, the Gaussian oracle)
   * @TPD_F16: IEEE half precision
   * @TPD_BF16: bfloat16
   * @TPD_I32: 32-bit signed integer
   * @TPD_I64: 64-bit signed integer
   * @TPD_U8: 8-bit unsigned integer
   *
   * Element type of a tensor.
   */
  typedef enum
  {
    TPD_F32,
    TPD_F64,
    TPD_F16,
    TPD_BF16,
    TPD_I32,
    TPD_I64,
    TPD_U8,
  } TpdDtype;

  /* What a kernel sees of a tensor: where it lies and how it is laid out.
   * Shapes run outer to inner; strides count elements, not bytes. A stride of 0 repeats
   * (broadcast). */
  typedef struct
  {
    void *data;
    TpdDtype dtype;
    int32_t n_dims;
    int64_t shape[TPD_MAX_DIMS];
    int64_t stride[TPD_MAX_DIMS];
  } TpdView;

  /* Element-wise functions of the `act` op. */
  typedef enum
  {
    TPD_ACT_SILU,       /* x · sigmoid (x)                              Elfwing et al. 2018 */
    TPD_ACT_GELU,       /* x · Phi (x), exact                           Hendrycks & Gimpel 2016 */
    TPD_ACT_GELU_TANH,  /* its tanh approximation                       ibid. */
    TPD_ACT_QUICK_GELU, /* x · sigmoid (1.702 x)                        CLIP */
    TPD_ACT_EXP,        /* e^x */
    TPD_ACT_SQUARE,     /* x² */
  } TpdAct;

  /* What a running op may ask of its surroundings. One per context, handed to every op. */
  typedef struct _TpdExec TpdExec;
  struct _TpdExec
  {
    /* CUDA stream; NULL on the CPU. */
    void *stream;

    /* Scratch memory, 64-byte aligned, valid until the op returns; grows as needed.
     * Returns NULL after recording TPD_ERROR_NO_MEMORY. */
    void *(*scratch) (TpdExec *exec, size_t n_bytes);

    /* Records the context's sticky error (the first one wins). `code` is a TpdError. */
    void (*fail) (TpdExec *exec, int code, const char *message);

    /* While operations are counted (tpd-flop-count.h): the sum, and the table that does the work.
     */
    double *flops;
    const struct _TpdOpTable *counted;
  };

  /* Hyper-parameters of one AdamW step (Loshchilov & Hutter 2019). */
  typedef struct
  {
    double learning_rate;
    double beta1;
    double beta2;
    double eps;
    double weight_decay;   /* decoupled; applied to the tensors flagged in `decay` */
    double gradient_scale; /* multiplies every gradient first: clipping and averaging */
    int64_t step;          /* 1 on the first update: bias correction */
  } TpdAdamW;

  /* Two-dimensional convolution geometry. Padding is given per side, as stable-diffusion VAEs need.
   */
  typedef struct
  {
    int32_t stride;
    int32_t pad_top, pad_bottom, pad_left, pad_right;
  } TpdConvGeometry;

#ifdef __cplusplus
}
#endif
