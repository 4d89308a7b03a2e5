/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "../core/tpd-device-private.h"
#include "../core/tpd-error.h"
#include "../core/tpd-parallel.h"
#include "tpd-cpu.h"

/* Blocks are rounded up to powers of two in eighths and kept for reuse: a training step asks for
 * the same sizes again and again, and fresh pages would cost more than the arithmetic. */
#define ALIGNMENT 64
#define N_CLASSES (64 * 8)

typedef struct _FreeBlock FreeBlock;
struct _FreeBlock
{
  FreeBlock *next;
};

struct _TpdCpuDevice
{
  TpdDevice parent_instance;

  GMutex lock;
  FreeBlock *free_blocks[N_CLASSES]; /* owned */

  /* state, bytes */
  guint64 in_use;
  guint64 pooled;
  guint64 peak;
};

G_DEFINE_FINAL_TYPE (TpdCpuDevice, tpd_cpu_device, TPD_TYPE_DEVICE)

/* Size class of a request, and the bytes that its blocks have. */
static guint
size_class (gsize n_bytes, gsize *class_bytes)
{
  gsize rounded = MAX ((n_bytes + ALIGNMENT - 1) & ~(gsize)(ALIGNMENT - 1), (gsize)512);
  guint log = (guint)g_bit_storage (rounded - 1) - 1; /* 2^log < rounded ≤ 2^(log + 1) */
  gsize eighth = (gsize)1 << (log - 3);
  gsize steps = (rounded - ((gsize)1 << log) + eighth - 1) / eighth; /* 1 … 8 */

  *class_bytes = ((gsize)1 << log) + steps * eighth;
  return log * 8 + (guint)steps - 1;
}

/* Gives every pooled block back to the system. Called with the lock held. */
static void
trim (TpdCpuDevice *self)
{
  for (guint i = 0; i < N_CLASSES; i++)
    while (self->free_blocks[i] != NULL)
      {
        FreeBlock *block = self->free_blocks[i];

        self->free_blocks[i] = block->next;
        free (block);
      }
  self->pooled = 0;
}

static gpointer
cpu_alloc (TpdDevice *device, gpointer stream, gsize n_bytes, GError **error)
{
  TpdCpuDevice *self = TPD_CPU_DEVICE (device);
  gsize bytes;
  guint index;
  gpointer data;

  if (n_bytes > G_MAXSSIZE / 2)
    goto too_much;
  index = size_class (n_bytes, &bytes);
  g_mutex_lock (&self->lock);
  data = self->free_blocks[index];
  if (data != NULL)
    {
      self->free_blocks[index] = self->free_blocks[index]->next;
      self->pooled -= bytes;
    }
  else if (posix_memalign (&data, ALIGNMENT, bytes) != 0)
    {
      trim (self);
      if (posix_memalign (&data, ALIGNMENT, bytes) != 0)
        data = NULL;
    }
  if (data != NULL)
    {
      self->in_use += bytes;
      self->peak = MAX (self->peak, self->in_use);
    }
  g_mutex_unlock (&self->lock);
  if (data != NULL)
    return data;

too_much:
  g_set_error (error, TPD_ERROR, TPD_ERROR_NO_MEMORY,
               "Not enough memory: a block of %.1f MiB was refused", (double)n_bytes / 0x1p20);
  return NULL;
}

static void
cpu_release (TpdDevice *device, gpointer stream, gpointer data, gsize n_bytes)
{
  TpdCpuDevice *self = TPD_CPU_DEVICE (device);
  FreeBlock *block = data;
  gsize bytes;
  guint index = size_class (n_bytes, &bytes);

  g_mutex_lock (&self->lock);
  block->next = self->free_blocks[index];
  self->free_blocks[index] = block;
  self->in_use -= bytes;
  self->pooled += bytes;
  g_mutex_unlock (&self->lock);
}

static gboolean
cpu_copy (TpdDevice *device, gpointer stream, gpointer dst, gconstpointer src, gsize n_bytes,
          GError **error)
{
  if (n_bytes > 0) /* an empty tensor may come from nowhere */
    memcpy (dst, src, n_bytes);
  return TRUE;
}

static gboolean
cpu_sync (TpdDevice *device, gpointer stream, GError **error)
{
  return TRUE;
}

static char *
cpu_describe (TpdDevice *device)
{
  guint n = tpd_parallel_n_threads ();

  return g_strdup_printf (n == 1 ? "CPU, %u thread" : "CPU, %u threads", n);
}

static guint64
cpu_peak_bytes (TpdDevice *device)
{
  return TPD_CPU_DEVICE (device)->peak;
}

TpdDevice *
tpd_cpu_device_new (void)
{
  return g_object_new (TPD_TYPE_CPU_DEVICE, NULL);
}

static void
tpd_cpu_device_finalize (GObject *object)
{
  TpdCpuDevice *self = TPD_CPU_DEVICE (object);

  trim (self);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (tpd_cpu_device_parent_class)->finalize (object);
}

static void
tpd_cpu_device_class_init (TpdCpuDeviceClass *klass)
{
  TpdDeviceClass *device_class = TPD_DEVICE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tpd_cpu_device_finalize;
  device_class->ops = tpd_cpu_ops ();
  device_class->alloc = cpu_alloc;
  device_class->release = cpu_release;
  device_class->upload = cpu_copy;
  device_class->download = cpu_copy;
  device_class->sync = cpu_sync;
  device_class->describe = cpu_describe;
  device_class->peak_bytes = cpu_peak_bytes;
}

static void
tpd_cpu_device_init (TpdCpuDevice *self)
{
  g_mutex_init (&self->lock);
}
