/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* CUDA's runtime on the host: two GPUs of a quarter of a gigabyte. Every block of device memory is
 * an allocation of its own, so that asan sees what reaches outside one or uses it after its
 * release.
 *
 * The environment variable TPD_FAKE_CUDA, looked at in every call, makes things go wrong:
 *   no-driver   there is no driver
 *   no-memory   every allocation is refused
 *   lost        a kernel has touched what it may not: every call fails until the variable changes
 */

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "cuda_runtime_api.h"

#define N_DEVICES    2
#define DEVICE_BYTES ((size_t)256 << 20)

/* Allocations are aligned as CUDA's are, and preceded by a header. */
#define ALIGNMENT 256

typedef struct
{
  size_t n_bytes;
  cudaMemPool_t pool;
} Header;

struct TpdFakeStream
{
  int device;
};

struct TpdFakeEvent
{
  int unused;
};

struct TpdFakePool
{
  int device;
  GHashTable *blocks; /* owned: those in use */
  size_t used, high;
};

static GMutex lock;
static size_t used[N_DEVICES];
static GPrivate current_device;
static GPrivate last_error;

static gboolean
trouble (const char *what)
{
  return g_strcmp0 (g_getenv ("TPD_FAKE_CUDA"), what) == 0;
}

static int
device_of_thread (void)
{
  return GPOINTER_TO_INT (g_private_get (&current_device));
}

/* What a call returns, and cudaGetLastError() afterwards. */
static cudaError_t
result (cudaError_t status)
{
  if (trouble ("lost"))
    status = cudaErrorIllegalAddress;
  if (status != cudaSuccess)
    g_private_set (&last_error, GINT_TO_POINTER (status));
  return status;
}

/* The same for a call that takes a stream: that of the current device. */
static cudaError_t
result_on (cudaStream_t stream, cudaError_t status)
{
  g_assert (stream != NULL);
  return result (stream->device == device_of_thread () ? status : cudaErrorInvalidResourceHandle);
}

const char *
cudaGetErrorString (cudaError_t status)
{
  switch (status)
    {
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInsufficientDriver:
      return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorIllegalAddress:
      return "an illegal memory access was encountered";
    case cudaErrorInvalidResourceHandle:
      return "invalid resource handle";
    default:
      return "some CUDA error";
    }
}

cudaError_t
cudaGetLastError (void)
{
  cudaError_t status = (cudaError_t)GPOINTER_TO_INT (g_private_get (&last_error));

  g_private_set (&last_error, GINT_TO_POINTER (cudaSuccess));
  return trouble ("lost") ? cudaErrorIllegalAddress : status;
}

/* ── devices ── */

cudaError_t
cudaGetDeviceCount (int *count)
{
  *count = N_DEVICES;
  return result (trouble ("no-driver") ? cudaErrorInsufficientDriver : cudaSuccess);
}

cudaError_t
cudaSetDevice (int device)
{
  g_private_set (&current_device, GINT_TO_POINTER (device));
  return result (device < N_DEVICES ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t
cudaGetDeviceProperties (struct cudaDeviceProp *properties, int device)
{
  /* Few multiprocessors, so that loops over grids take more than one turn. */
  *properties = (struct cudaDeviceProp){.name = "Host",
                                        .totalGlobalMem = DEVICE_BYTES,
                                        .major = 8,
                                        .minor = 0,
                                        .multiProcessorCount = 2};
  return result (cudaSuccess);
}

cudaError_t
cudaDeviceGetAttribute (int *value, enum cudaDeviceAttr attribute, int device)
{
  *value = 1;
  return result (cudaSuccess);
}

cudaError_t
cudaMemGetInfo (size_t *free_bytes, size_t *total_bytes)
{
  g_mutex_lock (&lock);
  *free_bytes = DEVICE_BYTES - used[device_of_thread ()];
  *total_bytes = DEVICE_BYTES;
  g_mutex_unlock (&lock);
  return result (cudaSuccess);
}

/* ── memory ── */

cudaError_t
cudaMemPoolCreate (cudaMemPool_t *pool, const struct cudaMemPoolProps *props)
{
  *pool = g_new0 (struct TpdFakePool, 1);
  (*pool)->device = props->location.id;
  (*pool)->blocks = g_hash_table_new (NULL, NULL);
  return result (cudaSuccess);
}

/* Called with the lock held. */
static void
release (Header *header)
{
  used[header->pool->device] -= header->n_bytes;
  header->pool->used -= header->n_bytes;
  free (header);
}

/* Takes what is left of it along: a lost device gets nothing back. */
cudaError_t
cudaMemPoolDestroy (cudaMemPool_t pool)
{
  GHashTableIter iter;
  gpointer header;

  g_mutex_lock (&lock);
  g_hash_table_iter_init (&iter, pool->blocks);
  while (g_hash_table_iter_next (&iter, &header, NULL))
    release (header);
  g_mutex_unlock (&lock);
  g_hash_table_unref (pool->blocks);
  g_free (pool);
  return result (cudaSuccess);
}

cudaError_t
cudaMemPoolSetAttribute (cudaMemPool_t pool, enum cudaMemPoolAttr name, void *value)
{
  return result (cudaSuccess);
}

cudaError_t
cudaMemPoolGetAttribute (cudaMemPool_t pool, enum cudaMemPoolAttr name, void *value)
{
  g_assert (name == cudaMemPoolAttrUsedMemHigh);
  *(guint64 *)value = pool->high;
  return result (cudaSuccess);
}

cudaError_t
cudaMemPoolTrimTo (cudaMemPool_t pool, size_t n_bytes)
{
  return result (cudaSuccess);
}

cudaError_t
cudaMallocFromPoolAsync (void **data, size_t n_bytes, cudaMemPool_t pool, cudaStream_t stream)
{
  void *block = NULL;
  gboolean fits;

  g_mutex_lock (&lock);
  fits = n_bytes <= DEVICE_BYTES - used[pool->device] && !trouble ("no-memory") &&
         posix_memalign (&block, ALIGNMENT, ALIGNMENT + n_bytes) == 0;
  if (fits)
    {
      used[pool->device] += n_bytes;
      pool->used += n_bytes;
      pool->high = MAX (pool->high, pool->used);
      g_hash_table_add (pool->blocks, block);
    }
  g_mutex_unlock (&lock);
  if (!fits)
    return result_on (stream, cudaErrorMemoryAllocation);
  *(Header *)block = (Header){n_bytes, pool};
  *data = (char *)block + ALIGNMENT;
  memset (*data, 0xa5, n_bytes); /* nothing may count on zeros */
  return result_on (stream, cudaSuccess);
}

cudaError_t
cudaFreeAsync (void *data, cudaStream_t stream)
{
  Header *header = (Header *)((char *)data - ALIGNMENT);

  g_mutex_lock (&lock);
  g_hash_table_remove (header->pool->blocks, header);
  release (header);
  g_mutex_unlock (&lock);
  return result_on (stream, cudaSuccess);
}

cudaError_t
cudaMallocHost (void **data, size_t n_bytes)
{
  *data = g_malloc (n_bytes);
  return result (cudaSuccess);
}

cudaError_t
cudaFreeHost (void *data)
{
  g_free (data);
  return result (cudaSuccess);
}

/* ── streams ── */

cudaError_t
cudaStreamCreateWithFlags (cudaStream_t *stream, unsigned flags)
{
  *stream = g_new0 (struct TpdFakeStream, 1);
  (*stream)->device = device_of_thread ();
  return result (cudaSuccess);
}

cudaError_t
cudaStreamDestroy (cudaStream_t stream)
{
  g_free (stream);
  return result (cudaSuccess);
}

cudaError_t
cudaStreamSynchronize (cudaStream_t stream)
{
  return result_on (stream, cudaSuccess);
}

cudaError_t
cudaEventCreateWithFlags (cudaEvent_t *event, unsigned flags)
{
  *event = g_new0 (struct TpdFakeEvent, 1);
  return result (cudaSuccess);
}

cudaError_t
cudaEventDestroy (cudaEvent_t event)
{
  g_free (event);
  return result (cudaSuccess);
}

cudaError_t
cudaEventRecord (cudaEvent_t event, cudaStream_t stream)
{
  return result_on (stream, cudaSuccess);
}

cudaError_t
cudaEventSynchronize (cudaEvent_t event)
{
  return result (cudaSuccess);
}

cudaError_t
cudaMemcpyAsync (void *to, const void *from, size_t n_bytes, enum cudaMemcpyKind kind,
                 cudaStream_t stream)
{
  if (!trouble ("lost"))
    memcpy (to, from, n_bytes);
  return result_on (stream, cudaSuccess);
}
