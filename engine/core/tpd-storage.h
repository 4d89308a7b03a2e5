/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-device.h"

G_BEGIN_DECLS

/* A queue of work on a device: what a CUDA stream is. Shared by a context and the storages made on
 * it, so that memory can be given back in order even when a tensor outlives its context. */
typedef struct
{
  gatomicrefcount ref_count;
  TpdDevice *device; /* owned */
  gpointer handle;   /* owned by the device; NULL on the CPU */
} TpdStream;

TpdStream *tpd_stream_new (TpdDevice *device, GError **error);
TpdStream *tpd_stream_ref (TpdStream *self);
void tpd_stream_unref (TpdStream *self);

/* A block of device memory, shared by a tensor and its views. */
typedef struct _TpdStorage
{
  gatomicrefcount ref_count;
  TpdStream *stream; /* owned */
  gpointer data;     /* owned; NULL if there is none */
  gsize n_bytes;
} TpdStorage;

TpdStorage *tpd_storage_new (TpdStream *stream, gsize n_bytes, GError **error);
/* No memory, but a place: what a tensor stands on that could not be made. */
TpdStorage *tpd_storage_new_empty (TpdStream *stream);
TpdStorage *tpd_storage_ref (TpdStorage *self);
void tpd_storage_unref (TpdStorage *self);

G_END_DECLS
