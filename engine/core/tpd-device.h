/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-macros.h"
#include "../ops/tpd-ops.h"

G_BEGIN_DECLS

#define TPD_TYPE_DEVICE (tpd_device_get_type ())
TPD_API
G_DECLARE_DERIVABLE_TYPE (TpdDevice, tpd_device, TPD, DEVICE, GObject)

/**
 * TpdDeviceClass:
 * @alloc: memory of at least @n_bytes, 64-byte aligned, or %NULL with an error; pooled
 * @release: gives memory back to the pool
 * @upload: copies from host memory, which may change once it returns; what is queued on @stream
 *   afterwards finds the bytes
 * @download: copies to host memory after everything queued on @stream; complete when it returns
 * @sync: waits for everything queued on @stream and reports what went wrong there
 * @stream_new: a stream for one context (%NULL where the device has none)
 * @stream_free: releases it
 * @describe: one line for a person, e.g. "CPU, 2 threads"
 *
 * What a backend implements. A device is shared by many contexts and is thread-safe.
 */
struct _TpdDeviceClass
{
  GObjectClass parent_class;

  const TpdOpTable *ops;

  gpointer (*alloc) (TpdDevice *self, gpointer stream, gsize n_bytes, GError **error);
  void (*release) (TpdDevice *self, gpointer stream, gpointer data, gsize n_bytes);
  gboolean (*upload) (TpdDevice *self, gpointer stream, gpointer dst, gconstpointer src,
                      gsize n_bytes, GError **error);
  gboolean (*download) (TpdDevice *self, gpointer stream, gpointer dst, gconstpointer src,
                        gsize n_bytes, GError **error);
  gboolean (*sync) (TpdDevice *self, gpointer stream, GError **error);
  gpointer (*stream_new) (TpdDevice *self, GError **error);
  void (*stream_free) (TpdDevice *self, gpointer stream);
  char *(*describe) (TpdDevice *self);
  guint64 (*peak_bytes) (TpdDevice *self);

  gpointer padding[8];
};

/**
 * tpd_device_open:
 * @name: (nullable): `cpu`, `cuda`, `cuda:N`, `dry`, or `auto` (%NULL means `auto`)
 * @error: return location for an error
 *
 * Opens a device. The same name gives the same object while it lives. `auto` takes the first CUDA
 * device if there is one, else the CPU: the only place where anything falls back, and the result
 * says what it is. `dry` is no place to compute: it does nothing, yields zeros, and counts the
 * memory that the same work would take elsewhere.
 *
 * Sets %TPD_ERROR_DEVICE when the device does not exist, %TPD_ERROR_INVALID_ARGUMENT for an unknown
 * name.
 *
 * Returns: (transfer full) (nullable): the device
 */
TPD_API TpdDevice *tpd_device_open (const char *name, GError **error);

/**
 * tpd_device_get_name:
 *
 * Returns: (transfer none): `cpu` or `cuda:N`
 */
TPD_API const char *tpd_device_get_name (TpdDevice *self);

/**
 * tpd_device_describe:
 *
 * Returns: (transfer full): one line for a person
 */
TPD_API char *tpd_device_describe (TpdDevice *self);

/**
 * tpd_device_is_host:
 *
 * Returns: whether kernels' memory can be read by the host directly
 */
TPD_API gboolean tpd_device_is_host (TpdDevice *self);

/**
 * tpd_device_get_peak_bytes:
 *
 * Returns: the most memory that tensors have held at once on this device, in bytes
 */
TPD_API guint64 tpd_device_get_peak_bytes (TpdDevice *self);

/**
 * tpd_device_get_ops: (skip)
 *
 * Returns: (transfer none): the op table of this backend
 */
TPD_API const TpdOpTable *tpd_device_get_ops (TpdDevice *self);

G_END_DECLS
