/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-staging.h"

#include <string.h>

#include "tpd-cuda-error.h"

/* Large enough for the bus to reach its full rate, small enough to have one pair a context. */
#define BUFFER_BYTES ((gsize)4 << 20)

gboolean
tpd_cuda_staging_init (TpdCudaStaging *self, TpdCudaDevice *device, GError **error)
{
  const char *what = "pinned memory for copies";

  for (int i = 0; i < 2; i++)
    if (!tpd_cuda_check (device, cudaMallocHost (&self->buffer[i], BUFFER_BYTES), what, error) ||
        !tpd_cuda_check (device, cudaEventCreateWithFlags (&self->free[i], cudaEventDisableTiming),
                         what, error))
      {
        tpd_cuda_staging_clear (self);
        return FALSE;
      }
  return TRUE;
}

void
tpd_cuda_staging_clear (TpdCudaStaging *self)
{
  for (int i = 0; i < 2; i++)
    {
      if (self->free[i] != NULL)
        cudaEventDestroy (self->free[i]);
      if (self->buffer[i] != NULL)
        cudaFreeHost (self->buffer[i]);
    }
  *self = (TpdCudaStaging){0};
}

/* Goes on in the other buffer, once the device has read what was in it. */
static gboolean
turn (TpdCudaStaging *self, TpdCudaDevice *device, cudaStream_t stream, GError **error)
{
  if (!tpd_cuda_check (device, cudaEventRecord (self->free[self->current], stream), "upload",
                       error))
    return FALSE;
  self->current ^= 1;
  self->used = 0;
  /* An event that was never recorded counts as reached. */
  return tpd_cuda_check (device, cudaEventSynchronize (self->free[self->current]), "upload", error);
}

gboolean
tpd_cuda_staging_upload (TpdCudaStaging *self, TpdCudaDevice *device, cudaStream_t stream,
                         void *dst, const void *src, gsize n_bytes, GError **error)
{
  for (gsize start = 0, n; start < n_bytes; start += n)
    {
      guint8 *place;

      if (self->used == BUFFER_BYTES && !turn (self, device, stream, error))
        return FALSE;
      n = MIN (n_bytes - start, BUFFER_BYTES - self->used);
      place = (guint8 *)self->buffer[self->current] + self->used;
      memcpy (place, (const guint8 *)src + start, n);
      self->used += n;
      if (!tpd_cuda_check (
              device,
              cudaMemcpyAsync ((guint8 *)dst + start, place, n, cudaMemcpyHostToDevice, stream),
              "upload", error))
        return FALSE;
    }
  return TRUE;
}

/* Queues the copy of piece number `piece` into its buffer. */
static gboolean
fetch (TpdCudaStaging *self, TpdCudaDevice *device, cudaStream_t stream, const void *src,
       gsize n_bytes, gsize piece, GError **error)
{
  gsize start = piece * BUFFER_BYTES;

  if (start >= n_bytes)
    return TRUE;
  return tpd_cuda_check (device,
                         cudaMemcpyAsync (self->buffer[piece % 2], (const guint8 *)src + start,
                                          MIN (n_bytes - start, BUFFER_BYTES),
                                          cudaMemcpyDeviceToHost, stream),
                         "download", error) &&
         tpd_cuda_check (device, cudaEventRecord (self->free[piece % 2], stream), "download",
                         error);
}

gboolean
tpd_cuda_staging_download (TpdCudaStaging *self, TpdCudaDevice *device, cudaStream_t stream,
                           void *dst, const void *src, gsize n_bytes, GError **error)
{
  if (!fetch (self, device, stream, src, n_bytes, 0, error))
    return FALSE;
  for (gsize piece = 0, start = 0; start < n_bytes; piece++, start += BUFFER_BYTES)
    {
      if (!fetch (self, device, stream, src, n_bytes, piece + 1, error) ||
          !tpd_cuda_check (device, cudaEventSynchronize (self->free[piece % 2]), "download", error))
        return FALSE;
      memcpy ((guint8 *)dst + start, self->buffer[piece % 2], MIN (n_bytes - start, BUFFER_BYTES));
    }
  self->used = 0; /* all uploads came before, so both buffers are free */
  return TRUE;
}
