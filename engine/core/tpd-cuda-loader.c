/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-device-private.h"

#include <gmodule.h>

#include "tpd-backend.h"
#include "tpd-error.h"

static TpdBackendOpen
load_module (GError **error)
{
  const char *dir = g_getenv ("TPDIFF_MODULE_DIR");
  g_autofree char *path = g_build_filename (dir != NULL ? dir : TPD_MODULE_DIR,
                                            "libtpdiff-cuda." G_MODULE_SUFFIX, NULL);
  GModule *module = g_module_open (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  TpdBackendOpen open = NULL;

  if (module == NULL)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_DEVICE, "The CUDA module cannot be loaded: %s",
                   g_module_error ());
      return NULL;
    }
  g_module_make_resident (module); /* it registers a GType */
  if (!g_module_symbol (module, "tpd_backend_open", (gpointer *)&open))
    g_set_error (error, TPD_ERROR, TPD_ERROR_DEVICE,
                 "%s is not a TPDiff backend: no tpd_backend_open", path);
  return open;
}

TpdDevice *
tpd_cuda_device_open (const char *name, GError **error)
{
  TpdBackendOpen open = load_module (error);

  return open != NULL ? open (TPD_BACKEND_ABI, name, error) : NULL;
}
