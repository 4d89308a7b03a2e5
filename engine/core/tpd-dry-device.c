/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-device-private.h"

#include <string.h>

struct _TpdDryDevice
{
  TpdDevice parent_instance;

  GMutex lock;

  /* state, bytes */
  guint64 in_use;
  guint64 peak;
};

G_DEFINE_FINAL_TYPE (TpdDryDevice, tpd_dry_device, TPD_TYPE_DEVICE)

/* ── memory that is only counted ── */

/* Where all blocks lie; nobody looks. */
#define NOWHERE ((gpointer)64)

static gpointer
dry_alloc (TpdDevice *device, gpointer stream, gsize n_bytes, GError **error)
{
  TpdDryDevice *self = TPD_DRY_DEVICE (device);

  g_mutex_lock (&self->lock);
  self->in_use += n_bytes;
  self->peak = MAX (self->peak, self->in_use);
  g_mutex_unlock (&self->lock);
  return NOWHERE;
}

static void
dry_release (TpdDevice *device, gpointer stream, gpointer data, gsize n_bytes)
{
  TpdDryDevice *self = TPD_DRY_DEVICE (device);

  g_mutex_lock (&self->lock);
  self->in_use -= n_bytes;
  g_mutex_unlock (&self->lock);
}

static guint64
dry_peak_bytes (TpdDevice *device)
{
  return TPD_DRY_DEVICE (device)->peak;
}

/* ── work that is not done ── */

#define TPD_OP(name, ...)                                                                          \
  static void dry_##name (__VA_ARGS__)                                                             \
  {                                                                                                \
  }
#include "../ops/tpd-ops.def"
#undef TPD_OP

static const TpdOpTable dry_ops = {
#define TPD_OP(name, ...) .name = dry_##name,
#include "../ops/tpd-ops.def"
#undef TPD_OP
};

static gboolean
dry_upload (TpdDevice *device, gpointer stream, gpointer dst, gconstpointer src, gsize n_bytes,
            GError **error)
{
  return TRUE;
}

static gboolean
dry_download (TpdDevice *device, gpointer stream, gpointer dst, gconstpointer src, gsize n_bytes,
              GError **error)
{
  if (n_bytes > 0)
    memset (dst, 0, n_bytes);
  return TRUE;
}

static gboolean
dry_sync (TpdDevice *device, gpointer stream, GError **error)
{
  return TRUE;
}

static char *
dry_describe (TpdDevice *device)
{
  return g_strdup ("nothing: a dry run");
}

/* ── object ── */

TpdDevice *
tpd_dry_device_new (void)
{
  return g_object_new (TPD_TYPE_DRY_DEVICE, NULL);
}

static void
tpd_dry_device_finalize (GObject *object)
{
  g_mutex_clear (&TPD_DRY_DEVICE (object)->lock);
  G_OBJECT_CLASS (tpd_dry_device_parent_class)->finalize (object);
}

static void
tpd_dry_device_class_init (TpdDryDeviceClass *klass)
{
  TpdDeviceClass *device_class = TPD_DEVICE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tpd_dry_device_finalize;
  device_class->ops = &dry_ops;
  device_class->alloc = dry_alloc;
  device_class->release = dry_release;
  device_class->upload = dry_upload;
  device_class->download = dry_download;
  device_class->sync = dry_sync;
  device_class->describe = dry_describe;
  device_class->peak_bytes = dry_peak_bytes;
}

static void
tpd_dry_device_init (TpdDryDevice *self)
{
  g_mutex_init (&self->lock);
}
