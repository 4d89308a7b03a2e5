/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-queue.h"

#include "../engine/core/tpd-error.h"
#include "tpd-cuda-blas.h"
#include "tpd-cuda-dnn.h"
#include "tpd-cuda-error.h"

static gboolean
init (TpdCudaQueue *self, GError **error)
{
  void *fault = NULL;

  /* Not the default stream, and not in step with it: other users of the GPU in this process go
   * their own way. */
  if (!tpd_cuda_check (self->device, cudaSetDevice (self->device->ordinal), "selecting it",
                       error) ||
      !tpd_cuda_check (self->device,
                       cudaStreamCreateWithFlags (&self->base.stream, cudaStreamNonBlocking),
                       "making a stream", error) ||
      !tpd_cuda_check (self->device, cudaMallocHost (&fault, sizeof *self->base.fault),
                       "pinned memory", error))
    return FALSE;
  self->base.fault = fault;
  *self->base.fault = TPD_CUDA_FAULT_NONE;
  return tpd_cuda_staging_init (&self->staging, self->device, error);
}

TpdCudaQueue *
tpd_cuda_queue_new (TpdCudaDevice *device, GError **error)
{
  TpdCudaQueue *self;

  if (!tpd_cuda_check_not_lost (device, error))
    return NULL;
  self = g_new0 (TpdCudaQueue, 1);
  self->device = device;
  self->base.capability = device->capability;
  self->base.n_multiprocessors = device->n_multiprocessors;
  if (init (self, error))
    return self;
  tpd_cuda_queue_free (self);
  return NULL;
}

void
tpd_cuda_queue_free (TpdCudaQueue *self)
{
  cudaSetDevice (self->device->ordinal);
  if (self->base.stream != NULL)
    cudaStreamSynchronize (self->base.stream);
  g_clear_pointer (&self->blas, tpd_cuda_blas_free);
  g_clear_pointer (&self->dnn, tpd_cuda_dnn_free);
  tpd_cuda_staging_clear (&self->staging);
  if (self->base.fault != NULL)
    cudaFreeHost (self->base.fault);
  if (self->base.stream != NULL)
    cudaStreamDestroy (self->base.stream);
  cudaGetLastError (); /* of a lost device: it was reported when it happened */
  g_free (self);
}

gboolean
tpd_cuda_queue_sync (TpdCudaQueue *self, GError **error)
{
  TpdCudaFault fault;

  if (!tpd_cuda_check (self->device, cudaStreamSynchronize (self->base.stream),
                       "waiting for what was queued", error))
    return FALSE;
  fault = (TpdCudaFault)*self->base.fault;
  *self->base.fault = TPD_CUDA_FAULT_NONE;
  switch (fault)
    {
    case TPD_CUDA_FAULT_NONE:
      return TRUE;
    case TPD_CUDA_FAULT_EMBEDDING_ID:
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "embedding: an id is outside the table");
    }
  return FALSE;
}
