/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-queue.h"

#include "tpd-cuda-blas.h"
#include "tpd-cuda-dnn.h"
#include "tpd-cuda-error.h"

TpdCudaQueue *
tpd_cuda_queue_new (TpdCudaDevice *device, GError **error)
{
  g_autofree TpdCudaQueue *self = g_new0 (TpdCudaQueue, 1);

  if (!tpd_cuda_check_not_lost (device, error) ||
      !tpd_cuda_check (device, cudaSetDevice (device->ordinal), "selecting it", error))
    return NULL;
  self->device = device;
  self->base.capability = device->capability;
  self->base.n_multiprocessors = device->n_multiprocessors;
  /* Not the default stream, and not in step with it: other users of the GPU in this process go
   * their own way. */
  if (!tpd_cuda_check (device,
                       cudaStreamCreateWithFlags (&self->base.stream, cudaStreamNonBlocking),
                       "making a stream", error))
    return NULL;
  if (!tpd_cuda_staging_init (&self->staging, device, error))
    {
      cudaStreamDestroy (self->base.stream);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
tpd_cuda_queue_free (TpdCudaQueue *self)
{
  cudaSetDevice (self->device->ordinal);
  cudaStreamSynchronize (self->base.stream);
  g_clear_pointer (&self->blas, tpd_cuda_blas_free);
  g_clear_pointer (&self->dnn, tpd_cuda_dnn_free);
  tpd_cuda_staging_clear (&self->staging);
  cudaStreamDestroy (self->base.stream);
  cudaGetLastError (); /* of a lost device: it was reported when it happened */
  g_free (self);
}
