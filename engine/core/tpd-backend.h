/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-device.h"

G_BEGIN_DECLS

/* What a backend module exports under the name "tpd_backend_open": the device of that name, e.g.
 * "cuda:0", or NULL with TPD_ERROR_DEVICE that says why there is none. */
typedef TpdDevice *(*TpdBackendOpen) (guint abi, const char *name, GError **error);

/* What engine and module must agree on; bumped whenever TpdDeviceClass, TpdView, TpdExec or the op
 * list changes. */
#define TPD_BACKEND_ABI 1

G_END_DECLS
