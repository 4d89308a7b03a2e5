/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-cuda-device.h"
#include "tpd-cuda-staging.h"

G_BEGIN_DECLS

typedef struct _TpdCudaBlas TpdCudaBlas;
typedef struct _TpdCudaDnn TpdCudaDnn;

/* What one context has on a device: a stream, and the libraries' handles and plans, which belong to
 * one thread at a time as the context does. Kernels see `base` alone. */
typedef struct
{
  TpdCudaStream base; /* first: TpdExec.stream points here */

  /* borrowed: the engine's TpdStream owns it */
  TpdCudaDevice *device;

  /* owned */
  TpdCudaStaging staging;
  TpdCudaBlas *blas; /* NULL until the first product */
  TpdCudaDnn *dnn;   /* NULL until the first convolution or attention */
} TpdCudaQueue;

TpdCudaQueue *tpd_cuda_queue_new (TpdCudaDevice *device, GError **error);
void tpd_cuda_queue_free (TpdCudaQueue *self);

/* Waits for everything queued; reports what kernels found wrong with their inputs. */
gboolean tpd_cuda_queue_sync (TpdCudaQueue *self, GError **error);

static inline TpdCudaQueue *
tpd_cuda_queue (const TpdExec *exec)
{
  return (TpdCudaQueue *)exec->stream;
}

G_END_DECLS
