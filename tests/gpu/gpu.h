/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/tpd-device.h"

/* The CUDA device of these tests; NULL if there is none, which is said as TAP wants it. */
static inline TpdDevice *
gpu_open (void)
{
  g_autoptr (GError) error = NULL;
  TpdDevice *device = tpd_device_open ("cuda", &error);

  if (device == NULL)
    g_print ("1..0 # SKIP %s\n", error->message);
  return device;
}

/* Exit status that test runners take for "skipped". */
#define GPU_SKIPPED 77
