/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "../engine/core/tpd-backend.h"
#include "../engine/core/tpd-error.h"
#include "tpd-cuda-device.h"

/* The one symbol of the module that the engine looks for; see tpd-backend.h. */
TPD_API TpdDevice *tpd_backend_open (guint abi, const char *name, GError **error);

TpdDevice *
tpd_backend_open (guint abi, const char *name, GError **error)
{
  guint64 ordinal;

  if (abi != TPD_BACKEND_ABI)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_DEVICE,
                   "The CUDA module is of another version: it has interface %u, expected %u",
                   TPD_BACKEND_ABI, abi);
      return NULL;
    }
  if (!g_str_has_prefix (name, "cuda:") ||
      !g_ascii_string_to_unsigned (name + strlen ("cuda:"), 10, 0, G_MAXINT, &ordinal, NULL))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "Unknown device \"%s\": expected cuda or cuda:N", name);
      return NULL;
    }
  return tpd_cuda_device_new ((int)ordinal, error);
}
