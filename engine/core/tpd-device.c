/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-device-private.h"

#include "tpd-error.h"

typedef struct
{
  char *name; /* owned */
} TpdDevicePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (TpdDevice, tpd_device, G_TYPE_OBJECT)

static GMutex open_lock;
/* name → TpdDevice, borrowed: entries leave when the device dies */
static GHashTable *open_devices;

static void
forget_device (gpointer name, GObject *where_the_object_was)
{
  g_mutex_lock (&open_lock);
  if (g_hash_table_lookup (open_devices, name) == (gpointer)where_the_object_was)
    g_hash_table_remove (open_devices, name);
  g_mutex_unlock (&open_lock);
  g_free (name);
}

static TpdDevice *
open_backend (const char *name, GError **error)
{
  if (g_str_equal (name, "cpu"))
    return tpd_cpu_device_new ();
  if (g_str_equal (name, "dry"))
    return tpd_dry_device_new ();
  if (g_str_equal (name, "cuda") || g_str_has_prefix (name, "cuda:"))
    return tpd_cuda_device_open (name, error);
  g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
               "Unknown device \"%s\": expected auto, cpu, cuda or cuda:N", name);
  return NULL;
}

/* A live device of that name, or a new one. */
static TpdDevice *
open_shared (const char *name, GError **error)
{
  TpdDevice *device = NULL;

  g_mutex_lock (&open_lock);
  if (open_devices == NULL)
    open_devices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  device = g_hash_table_lookup (open_devices, name);
  if (device != NULL)
    g_object_ref (device);
  else if ((device = open_backend (name, error)) != NULL)
    {
      TpdDevicePrivate *priv = tpd_device_get_instance_private (device);

      priv->name = g_strdup (name);
      g_hash_table_insert (open_devices, g_strdup (name), device);
      g_object_weak_ref (G_OBJECT (device), forget_device, g_strdup (name));
    }
  g_mutex_unlock (&open_lock);
  return device;
}

TpdDevice *
tpd_device_open (const char *name, GError **error)
{
  if (name != NULL && !g_str_equal (name, "auto"))
    return open_shared (g_str_equal (name, "cuda") ? "cuda:0" : name, error);

  TpdDevice *device = open_shared ("cuda:0", NULL);
  return device != NULL ? device : open_shared ("cpu", error);
}

const char *
tpd_device_get_name (TpdDevice *self)
{
  TpdDevicePrivate *priv = tpd_device_get_instance_private (self);

  g_return_val_if_fail (TPD_IS_DEVICE (self), NULL);
  return priv->name;
}

char *
tpd_device_describe (TpdDevice *self)
{
  g_return_val_if_fail (TPD_IS_DEVICE (self), NULL);
  return TPD_DEVICE_GET_CLASS (self)->describe (self);
}

gboolean
tpd_device_is_host (TpdDevice *self)
{
  g_return_val_if_fail (TPD_IS_DEVICE (self), FALSE);
  return TPD_IS_CPU_DEVICE (self);
}

guint64
tpd_device_get_peak_bytes (TpdDevice *self)
{
  g_return_val_if_fail (TPD_IS_DEVICE (self), 0);
  return TPD_DEVICE_GET_CLASS (self)->peak_bytes (self);
}

const TpdOpTable *
tpd_device_get_ops (TpdDevice *self)
{
  g_return_val_if_fail (TPD_IS_DEVICE (self), NULL);
  return TPD_DEVICE_GET_CLASS (self)->ops;
}

static void
tpd_device_finalize (GObject *object)
{
  TpdDevicePrivate *priv = tpd_device_get_instance_private (TPD_DEVICE (object));

  g_free (priv->name);
  G_OBJECT_CLASS (tpd_device_parent_class)->finalize (object);
}

static void
tpd_device_class_init (TpdDeviceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_device_finalize;
}

static void
tpd_device_init (TpdDevice *self)
{
}
