/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-device.h"

G_BEGIN_DECLS

/* The backends that tpd_device_open() knows. */

#define TPD_TYPE_CPU_DEVICE (tpd_cpu_device_get_type ())
G_DECLARE_FINAL_TYPE (TpdCpuDevice, tpd_cpu_device, TPD, CPU_DEVICE, TpdDevice)

TpdDevice *tpd_cpu_device_new (void);

/* Computes nothing and keeps nothing, but counts the memory that doing so would take. What is read
 * back from it are zeros. */
#define TPD_TYPE_DRY_DEVICE (tpd_dry_device_get_type ())
G_DECLARE_FINAL_TYPE (TpdDryDevice, tpd_dry_device, TPD, DRY_DEVICE, TpdDevice)

TpdDevice *tpd_dry_device_new (void);

/* Loads the CUDA module (once) and opens the device it names. TPD_ERROR_DEVICE says why it cannot.
 */
TpdDevice *tpd_cuda_device_open (const char *name, GError **error);

G_END_DECLS
