/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-error.h"

#include "../engine/core/tpd-error.h"
#include "tpd-cuda-queue.h"

static gboolean
is_lost (cudaError_t status)
{
  switch (status)
    {
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorContextIsDestroyed:
    case cudaErrorDevicesUnavailable:
    case cudaErrorUnknown:
      return TRUE;
    default:
      return FALSE;
    }
}

/* What happened, as a TPD_ERROR. */
static GError *
error_of (TpdCudaDevice *device, cudaError_t status, const char *what)
{
  if (status == cudaErrorMemoryAllocation)
    return g_error_new (TPD_ERROR, TPD_ERROR_NO_MEMORY, "Not enough memory on %s: %s",
                        device->label, what);
  if (!is_lost (status))
    return g_error_new (TPD_ERROR, TPD_ERROR_DEVICE, "%s: %s: %s", device->label, what,
                        cudaGetErrorString (status));
  g_atomic_int_set (&device->lost, TRUE);
  return g_error_new (TPD_ERROR, TPD_ERROR_DEVICE,
                      "%s is lost until the program is started again: %s: %s", device->label, what,
                      cudaGetErrorString (status));
}

gboolean
tpd_cuda_check (TpdCudaDevice *device, cudaError_t status, const char *what, GError **error)
{
  if (status == cudaSuccess)
    return TRUE;
  cudaGetLastError (); /* else the next launch would report it again */
  g_propagate_error (error, error_of (device, status, what));
  return FALSE;
}

gboolean
tpd_cuda_check_not_lost (TpdCudaDevice *device, GError **error)
{
  if (!g_atomic_int_get (&device->lost))
    return TRUE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_DEVICE, "%s is lost until the program is started again",
               device->label);
  return FALSE;
}

/* ── for ops ── */

int
tpd_cuda_succeeded (TpdExec *exec, cudaError_t status, const char *what)
{
  g_autoptr (GError) error = NULL;

  if (tpd_cuda_check (tpd_cuda_queue (exec)->device, status, what, &error))
    return TRUE;
  exec->fail (exec, error->code, error->message);
  return FALSE;
}

void
tpd_cuda_launched (TpdExec *exec, const char *what)
{
  TpdCudaQueue *queue = tpd_cuda_queue (exec);

  if (tpd_cuda_succeeded (exec, cudaGetLastError (), what) && queue->device->sync_always)
    tpd_cuda_succeeded (exec, cudaStreamSynchronize (queue->base.stream), what);
}

void
tpd_cuda_refuse (TpdExec *exec, const char *op, const char *why)
{
  g_autofree char *message = g_strdup_printf ("%s: %s", op, why);

  exec->fail (exec, TPD_ERROR_UNSUPPORTED, message);
}

void
tpd_cuda_fail (TpdExec *exec, const char *what, const char *reason)
{
  g_autofree char *message =
      g_strdup_printf ("%s: %s: %s", tpd_cuda_queue (exec)->device->label, what, reason);

  exec->fail (exec, TPD_ERROR_DEVICE, message);
}

cudaStream_t
tpd_cuda_enter (TpdExec *exec)
{
  TpdCudaQueue *queue = tpd_cuda_queue (exec);

  cudaSetDevice (queue->device->ordinal);
  return queue->base.stream;
}
