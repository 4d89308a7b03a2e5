/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-storage.h"

TpdStream *
tpd_stream_new (TpdDevice *device, GError **error)
{
  TpdDeviceClass *klass = TPD_DEVICE_GET_CLASS (device);
  gpointer handle = NULL;
  TpdStream *self;

  if (klass->stream_new != NULL && (handle = klass->stream_new (device, error)) == NULL)
    return NULL;
  self = g_new0 (TpdStream, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->device = g_object_ref (device);
  self->handle = handle;
  return self;
}

TpdStream *
tpd_stream_ref (TpdStream *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
tpd_stream_unref (TpdStream *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->handle != NULL)
    TPD_DEVICE_GET_CLASS (self->device)->stream_free (self->device, self->handle);
  g_object_unref (self->device);
  g_free (self);
}

TpdStorage *
tpd_storage_new_empty (TpdStream *stream)
{
  TpdStorage *self = g_new0 (TpdStorage, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->stream = tpd_stream_ref (stream);
  return self;
}

TpdStorage *
tpd_storage_new (TpdStream *stream, gsize n_bytes, GError **error)
{
  gpointer data =
      TPD_DEVICE_GET_CLASS (stream->device)->alloc (stream->device, stream->handle, n_bytes, error);
  TpdStorage *self;

  if (data == NULL)
    return NULL;
  self = tpd_storage_new_empty (stream);
  self->data = data;
  self->n_bytes = n_bytes;
  return self;
}

TpdStorage *
tpd_storage_ref (TpdStorage *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
tpd_storage_unref (TpdStorage *self)
{
  TpdStream *stream;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  stream = self->stream;
  if (self->data != NULL)
    TPD_DEVICE_GET_CLASS (stream->device)
        ->release (stream->device, stream->handle, self->data, self->n_bytes);
  tpd_stream_unref (stream);
  g_free (self);
}
