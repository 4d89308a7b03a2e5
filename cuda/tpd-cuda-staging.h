/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-cuda-device.h"

G_BEGIN_DECLS

/* Copies between ordinary host memory and the device, through two pinned buffers in turn: while one
 * is on the bus, the host fills or empties the other. The GPU reads and writes pinned memory at the
 * full rate of the bus and without waiting for the host. */
typedef struct
{
  /* owned */
  void *buffer[2];     /* pinned */
  cudaEvent_t free[2]; /* the device is done with the buffer */

  /* state of uploads: small ones follow each other in a buffer and wait for nothing */
  int current;
  gsize used; /* bytes of the current buffer */
} TpdCudaStaging;

gboolean tpd_cuda_staging_init (TpdCudaStaging *self, TpdCudaDevice *device, GError **error);
void tpd_cuda_staging_clear (TpdCudaStaging *self);

/* Returns as soon as src has been read: dst has the bytes for whatever is queued on `stream` later.
 */
gboolean tpd_cuda_staging_upload (TpdCudaStaging *self, TpdCudaDevice *device, cudaStream_t stream,
                                  void *dst, const void *src, gsize n_bytes, GError **error);

/* Returns when dst has the bytes that were in src after everything queued on `stream`. */
gboolean tpd_cuda_staging_download (TpdCudaStaging *self, TpdCudaDevice *device,
                                    cudaStream_t stream, void *dst, const void *src, gsize n_bytes,
                                    GError **error);

G_END_DECLS
