/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-context-private.h"

#include "tpd-flop-count.h"
#include "tpd-tape.h"

struct _TpdContext
{
  GObject parent_instance;

  /* owned */
  TpdStream *stream;
  TpdStorage *scratch; /* nullable */
  GPtrArray *tensors;  /* intermediate tensors, in the order of their making */
  GArray *scopes;      /* guint: length of `tensors` when each open scope was pushed */
  GError *error;       /* sticky */

  /* borrowed */
  const TpdOpTable *ops;
  TpdTape *tape; /* nullable; owned by whoever began it */

  /* state */
  TpdExec exec;
  TpdOpTable counting_ops; /* what `ops` points to while operations are counted */
  double flops;
};

G_DEFINE_FINAL_TYPE (TpdContext, tpd_context, G_TYPE_OBJECT)

static TpdContext *
context_of_exec (TpdExec *exec)
{
  return (TpdContext *)((guint8 *)exec - G_STRUCT_OFFSET (TpdContext, exec));
}

static void *
exec_scratch (TpdExec *exec, size_t n_bytes)
{
  TpdContext *self = context_of_exec (exec);
  GError *error = NULL;

  if (self->scratch != NULL && self->scratch->n_bytes >= n_bytes)
    return self->scratch->data;
  g_clear_pointer (&self->scratch, tpd_storage_unref);
  self->scratch = tpd_storage_new (self->stream, n_bytes, &error);
  if (self->scratch == NULL)
    {
      tpd_context_take_error (self, error);
      return NULL;
    }
  return self->scratch->data;
}

static void
exec_fail (TpdExec *exec, int code, const char *message)
{
  tpd_context_fail (context_of_exec (exec), code, "%s", message);
}

TpdContext *
tpd_context_new (TpdDevice *device, GError **error)
{
  TpdContext *self;
  TpdStream *stream;

  g_return_val_if_fail (TPD_IS_DEVICE (device), NULL);

  stream = tpd_stream_new (device, error);
  if (stream == NULL)
    return NULL;
  self = g_object_new (TPD_TYPE_CONTEXT, NULL);
  self->stream = stream;
  self->ops = tpd_device_get_ops (device);
  self->exec = (TpdExec){.stream = stream->handle, .scratch = exec_scratch, .fail = exec_fail};
  return self;
}

TpdDevice *
tpd_context_get_device (TpdContext *self)
{
  return self->stream->device;
}

TpdStream *
tpd_context_get_stream (TpdContext *self)
{
  return self->stream;
}

gboolean
tpd_context_sync (TpdContext *self, GError **error)
{
  TpdDeviceClass *klass = TPD_DEVICE_GET_CLASS (self->stream->device);
  GError *device_error = NULL;

  if (!klass->sync (self->stream->device, self->stream->handle, &device_error))
    tpd_context_take_error (self, device_error);
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->error));
  return FALSE;
}

gboolean
tpd_context_failed (TpdContext *self)
{
  return self->error != NULL;
}

void
tpd_context_take_error (TpdContext *self, GError *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_clear_error (&error);
}

void
tpd_context_fail (TpdContext *self, TpdError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (self->error == NULL)
    self->error = g_error_new_valist (TPD_ERROR, code, format, args);
  va_end (args);
}

void
tpd_context_push_scope (TpdContext *self)
{
  g_array_append_val (self->scopes, self->tensors->len);
}

TpdTensor *
tpd_context_pop_scope (TpdContext *self, TpdTensor *keep)
{
  guint length;

  g_return_val_if_fail (self->scopes->len > 0, keep);

  if (keep != NULL)
    tpd_tensor_ref (keep);
  length = g_array_index (self->scopes, guint, self->scopes->len - 1);
  g_array_set_size (self->scopes, self->scopes->len - 1);
  g_ptr_array_set_size (self->tensors, length);
  if (keep != NULL)
    g_ptr_array_add (self->tensors, keep);
  return keep;
}

TpdTensor *
tpd_context_own (TpdContext *self, TpdTensor *tensor)
{
  g_ptr_array_add (self->tensors, tensor);
  return tensor;
}

TpdExec *
tpd_context_get_exec (TpdContext *self)
{
  return &self->exec;
}

const TpdOpTable *
tpd_context_ops (TpdContext *self)
{
  return self->ops;
}

void
tpd_context_count_flops (TpdContext *self, gboolean enable)
{
  const TpdOpTable *device_ops = tpd_device_get_ops (self->stream->device);

  self->counting_ops = tpd_flop_count_table (device_ops);
  self->exec.flops = &self->flops;
  self->exec.counted = device_ops;
  self->ops = enable ? &self->counting_ops : device_ops;
}

double
tpd_context_get_flops (TpdContext *self)
{
  return self->flops;
}

TpdTape *
tpd_context_get_tape (TpdContext *self)
{
  return self->tape;
}

void
tpd_context_set_tape (TpdContext *self, TpdTape *tape)
{
  self->tape = tape;
}

static void
tpd_context_finalize (GObject *object)
{
  TpdContext *self = TPD_CONTEXT (object);

  if (self->tape != NULL)
    tpd_tape_discard (self);
  g_ptr_array_unref (self->tensors);
  g_array_unref (self->scopes);
  g_clear_pointer (&self->scratch, tpd_storage_unref);
  g_clear_pointer (&self->stream, tpd_stream_unref);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (tpd_context_parent_class)->finalize (object);
}

static void
tpd_context_class_init (TpdContextClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_context_finalize;
}

static void
tpd_context_init (TpdContext *self)
{
  self->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify)tpd_tensor_unref);
  self->scopes = g_array_new (FALSE, FALSE, sizeof (guint));
}
