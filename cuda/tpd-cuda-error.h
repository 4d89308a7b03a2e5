/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-cuda-device.h"

G_BEGIN_DECLS

/* From the runtime's status codes to GErrors. There are three kinds:
 *
 *  - too little memory: TPD_ERROR_NO_MEMORY; nothing is wrong with the device;
 *  - a call that was refused: TPD_ERROR_DEVICE; it had no effect;
 *  - a lost device: a kernel touched what it may not, or the hardware gave up. The driver then
 *    answers every later call of this process with the same code, so the device is marked: no new
 *    context is made on it, its memory is not given back. The CPU and other GPUs go on. */

/* Whether status is a success; sets the error if not. `what` was being done: "upload". */
gboolean tpd_cuda_check (TpdCudaDevice *device, cudaError_t status, const char *what,
                         GError **error);

/* Whether the device is still there; sets the error if not. */
gboolean tpd_cuda_check_not_lost (TpdCudaDevice *device, GError **error);

/* The same for an op: reports to the context of exec. `reason`: the status of another library. */
void tpd_cuda_fail (TpdExec *exec, const char *what, const char *reason);

G_END_DECLS
