/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-device.h"

#include "../engine/core/tpd-error.h"
#include "tpd-cuda-error.h"
#include "tpd-cuda-ops.h"
#include "tpd-cuda-queue.h"

/* Kernels are compiled for this and later. */
#define LOWEST_CAPABILITY 75

G_DEFINE_FINAL_TYPE (TpdCudaDevice, tpd_cuda_device, TPD_TYPE_DEVICE)

/* What every call begins with: the device is there, and current in this thread. */
static gboolean
enter (TpdCudaDevice *self, GError **error)
{
  return tpd_cuda_check_not_lost (self, error) &&
         tpd_cuda_check (self, cudaSetDevice (self->ordinal), "selecting it", error);
}

/* ── memory ── */

/* Too little memory: says how much was wanted and how much there is. */
static void
set_no_memory (TpdCudaDevice *self, gsize n_bytes, GError **error)
{
  gsize free_bytes = 0, total_bytes = 0;

  cudaMemGetInfo (&free_bytes, &total_bytes);
  g_set_error (
      error, TPD_ERROR, TPD_ERROR_NO_MEMORY,
      "Not enough memory on %s: a block of %.1f MiB was refused, %.1f of %.1f MiB are free",
      self->label, (double)n_bytes / 0x1p20, (double)free_bytes / 0x1p20,
      (double)total_bytes / 0x1p20);
}

static gpointer
cuda_alloc (TpdDevice *device, gpointer stream, gsize n_bytes, GError **error)
{
  TpdCudaDevice *self = TPD_CUDA_DEVICE (device);
  TpdCudaQueue *queue = stream;
  gpointer data = NULL;
  cudaError_t status;

  if (!enter (self, error))
    return NULL;
  status = cudaMallocFromPoolAsync (&data, n_bytes, self->pool, queue->base.stream);
  if (status == cudaErrorMemoryAllocation)
    {
      /* Blocks that were given back may lie in the pool in pieces: return them to the driver. */
      cudaGetLastError ();
      cudaStreamSynchronize (queue->base.stream);
      cudaMemPoolTrimTo (self->pool, 0);
      status = cudaMallocFromPoolAsync (&data, n_bytes, self->pool, queue->base.stream);
    }
  if (status == cudaErrorMemoryAllocation)
    {
      cudaGetLastError ();
      set_no_memory (self, n_bytes, error);
      return NULL;
    }
  return tpd_cuda_check (self, status, "allocating memory", error) ? data : NULL;
}

static void
cuda_release (TpdDevice *device, gpointer stream, gpointer data, gsize n_bytes)
{
  TpdCudaDevice *self = TPD_CUDA_DEVICE (device);
  TpdCudaQueue *queue = stream;

  if (enter (self, NULL) && cudaFreeAsync (data, queue->base.stream) != cudaSuccess)
    cudaGetLastError (); /* the next sync reports what went wrong before */
}

static gboolean
cuda_upload (TpdDevice *device, gpointer stream, gpointer dst, gconstpointer src, gsize n_bytes,
             GError **error)
{
  TpdCudaDevice *self = TPD_CUDA_DEVICE (device);
  TpdCudaQueue *queue = stream;

  return enter (self, error) && tpd_cuda_staging_upload (&queue->staging, self, queue->base.stream,
                                                         dst, src, n_bytes, error);
}

static gboolean
cuda_download (TpdDevice *device, gpointer stream, gpointer dst, gconstpointer src, gsize n_bytes,
               GError **error)
{
  TpdCudaDevice *self = TPD_CUDA_DEVICE (device);
  TpdCudaQueue *queue = stream;

  return enter (self, error) &&
         tpd_cuda_staging_download (&queue->staging, self, queue->base.stream, dst, src, n_bytes,
                                    error);
}

/* ── streams ── */

static gboolean
cuda_sync (TpdDevice *device, gpointer stream, GError **error)
{
  TpdCudaDevice *self = TPD_CUDA_DEVICE (device);

  return enter (self, error) && tpd_cuda_queue_sync (stream, error);
}

static gpointer
cuda_stream_new (TpdDevice *device, GError **error)
{
  return tpd_cuda_queue_new (TPD_CUDA_DEVICE (device), error);
}

static void
cuda_stream_free (TpdDevice *device, gpointer stream)
{
  tpd_cuda_queue_free (stream);
}

/* ── what it says of itself ── */

static char *
cuda_describe (TpdDevice *device)
{
  TpdCudaDevice *self = TPD_CUDA_DEVICE (device);

  return g_strdup_printf ("%s, compute capability %d.%d, %.1f GiB", self->label,
                          self->capability / 10, self->capability % 10,
                          (double)self->total_bytes / 0x1p30);
}

static guint64
cuda_peak_bytes (TpdDevice *device)
{
  TpdCudaDevice *self = TPD_CUDA_DEVICE (device);
  guint64 high = 0;

  cudaMemPoolGetAttribute (self->pool, cudaMemPoolAttrUsedMemHigh, &high);
  return high;
}

/* ── opening ── */

/* The pool keeps what is given back until memory runs short. */
static gboolean
make_pool (TpdCudaDevice *self, GError **error)
{
  struct cudaMemPoolProps props = {
      .allocType = cudaMemAllocationTypePinned, /* "pinned": it stays where it is, on the device */
      .handleTypes = cudaMemHandleTypeNone,
      .location = {.type = cudaMemLocationTypeDevice, .id = self->ordinal},
  };
  guint64 threshold = G_MAXUINT64;

  return tpd_cuda_check (self, cudaMemPoolCreate (&self->pool, &props), "making a memory pool",
                         error) &&
         tpd_cuda_check (
             self,
             cudaMemPoolSetAttribute (self->pool, cudaMemPoolAttrReleaseThreshold, &threshold),
             "making a memory pool", error);
}

static gboolean
look_at (TpdCudaDevice *self, GError **error)
{
  struct cudaDeviceProp properties;
  int has_pools = 0;

  if (!enter (self, error) ||
      !tpd_cuda_check (self, cudaGetDeviceProperties (&properties, self->ordinal),
                       "asking for its properties", error) ||
      !tpd_cuda_check (
          self, cudaDeviceGetAttribute (&has_pools, cudaDevAttrMemoryPoolsSupported, self->ordinal),
          "asking for memory pools", error))
    return FALSE;
  g_free (self->label);
  self->label = g_strdup_printf ("%s (cuda:%d)", properties.name, self->ordinal);
  self->capability = 10 * properties.major + properties.minor;
  self->n_multiprocessors = properties.multiProcessorCount;
  self->total_bytes = properties.totalGlobalMem;
  if (self->capability >= LOWEST_CAPABILITY && has_pools)
    return TRUE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_DEVICE,
               "%s is too old: it has compute capability %d.%d%s, expected at least %d.%d",
               self->label, self->capability / 10, self->capability % 10,
               has_pools ? "" : " and no memory pools", LOWEST_CAPABILITY / 10,
               LOWEST_CAPABILITY % 10);
  return FALSE;
}

TpdDevice *
tpd_cuda_device_new (int ordinal, GError **error)
{
  g_autoptr (TpdCudaDevice) self = NULL;
  int n_devices = 0;
  cudaError_t status = cudaGetDeviceCount (&n_devices);

  if (status != cudaSuccess)
    {
      cudaGetLastError ();
      g_set_error (error, TPD_ERROR, TPD_ERROR_DEVICE, "There is no CUDA device: %s",
                   cudaGetErrorString (status));
      return NULL;
    }
  if (ordinal >= n_devices)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_DEVICE,
                   "There is no device cuda:%d: this machine has %d", ordinal, n_devices);
      return NULL;
    }
  self = g_object_new (TPD_TYPE_CUDA_DEVICE, NULL);
  self->ordinal = ordinal;
  self->label = g_strdup_printf ("cuda:%d", ordinal);
  self->tf32 = g_strcmp0 (g_getenv ("TPDIFF_CUDA_TF32"), "1") == 0;
  self->sync_always = g_strcmp0 (g_getenv ("TPDIFF_CUDA_SYNC"), "1") == 0;
  if (!look_at (self, error) || !make_pool (self, error))
    return NULL;
  return TPD_DEVICE (g_steal_pointer (&self));
}

static void
tpd_cuda_device_finalize (GObject *object)
{
  TpdCudaDevice *self = TPD_CUDA_DEVICE (object);

  if (self->pool != NULL)
    cudaMemPoolDestroy (self->pool);
  g_free (self->label);
  G_OBJECT_CLASS (tpd_cuda_device_parent_class)->finalize (object);
}

static void
tpd_cuda_device_class_init (TpdCudaDeviceClass *klass)
{
  TpdDeviceClass *device_class = TPD_DEVICE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tpd_cuda_device_finalize;
  device_class->ops = &tpd_cuda_ops;
  device_class->alloc = cuda_alloc;
  device_class->release = cuda_release;
  device_class->upload = cuda_upload;
  device_class->download = cuda_download;
  device_class->sync = cuda_sync;
  device_class->stream_new = cuda_stream_new;
  device_class->stream_free = cuda_stream_free;
  device_class->describe = cuda_describe;
  device_class->peak_bytes = cuda_peak_bytes;
}

static void
tpd_cuda_device_init (TpdCudaDevice *self)
{
}
