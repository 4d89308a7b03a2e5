/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../engine/core/tpd-device.h"
#include "tpd-cuda.h"

G_BEGIN_DECLS

#define TPD_TYPE_CUDA_DEVICE (tpd_cuda_device_get_type ())
G_DECLARE_FINAL_TYPE (TpdCudaDevice, tpd_cuda_device, TPD, CUDA_DEVICE, TpdDevice)

/* One GPU. Its memory is a pool of its own in stream order: giving back and asking again costs a
 * microsecond and waits for nothing. */
struct _TpdCudaDevice
{
  TpdDevice parent_instance;

  /* owned */
  char *label; /* "NVIDIA H100 80GB HBM3 (cuda:0)", for messages */
  cudaMemPool_t pool;

  /* state */
  int ordinal;
  int capability; /* 90 for 9.0 */
  int n_multiprocessors;
  guint64 total_bytes;
  gboolean tf32;        /* TPDIFF_CUDA_TF32=1: f32 products may round their factors to 10 bits */
  gboolean sync_always; /* TPDIFF_CUDA_SYNC=1: wait after every op, so that an error names its op */
  gint lost; /* atomic: a kernel went wrong, and the driver refuses this process from now on */
};

/* What every module says first: see tpd-backend.h. */
TpdDevice *tpd_cuda_device_new (int ordinal, GError **error);

G_END_DECLS
