/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The module that stands in for the CUDA backend: the same kernels, host memory, and for products
 * and convolution, which a library computes there, the CPU's reference. */

#include <stdlib.h>

#include "core/tpd-device.h"
#include "core/tpd-error.h"
#include "cpu/tpd-cpu.h"
#include "../../cuda/tpd-cuda.h"

G_DECLARE_FINAL_TYPE (TpdShimDevice, tpd_shim_device, TPD, SHIM_DEVICE, TpdDevice)

struct _TpdShimDevice
{
  TpdDevice parent_instance;
};

G_DEFINE_FINAL_TYPE (TpdShimDevice, tpd_shim_device, TPD_TYPE_DEVICE)

static const TpdOpTable ops = {
#define TPD_OP(name, ...) .name = tpd_cuda_##name,
#include "ops/tpd-ops.def"
#undef TPD_OP
};

/* ── what a library does on a GPU ── */

void
tpd_cuda_gemm (TpdExec *exec, const TpdView *c, const TpdView *a, const TpdView *b,
               const TpdView *bias, int trans_a, int trans_b, double alpha, double beta)
{
  tpd_cpu_gemm (exec, c, a, b, bias, trans_a, trans_b, alpha, beta);
}

void
tpd_cuda_conv2d (TpdExec *exec, const TpdView *y, const TpdView *x, const TpdView *w,
                 const TpdView *b, TpdConvGeometry geometry)
{
  tpd_cpu_conv2d (exec, y, x, w, b, geometry);
}

void
tpd_cuda_conv2d_bwd_x (TpdExec *exec, const TpdView *dx, const TpdView *dy, const TpdView *w,
                       TpdConvGeometry geometry)
{
  tpd_cpu_conv2d_bwd_x (exec, dx, dy, w, geometry);
}

void
tpd_cuda_conv2d_bwd_w (TpdExec *exec, const TpdView *dw, const TpdView *db, const TpdView *dy,
                       const TpdView *x, TpdConvGeometry geometry)
{
  tpd_cpu_conv2d_bwd_w (exec, dw, db, dy, x, geometry);
}

void
tpd_cuda_attention (TpdExec *exec, const TpdView *o, const TpdView *lse, const TpdView *q,
                    const TpdView *k, const TpdView *v, const TpdView *segment,
                    const TpdView *order, double scale)
{
  tpd_cuda_attention_portable (exec, o, lse, q, k, v, segment, order, scale);
}

void
tpd_cuda_attention_bwd (TpdExec *exec, const TpdView *dq, const TpdView *dk, const TpdView *dv,
                        const TpdView *go, const TpdView *q, const TpdView *k, const TpdView *v,
                        const TpdView *o, const TpdView *lse, const TpdView *segment,
                        const TpdView *order, double scale)
{
  tpd_cuda_attention_bwd_portable (exec, dq, dk, dv, go, q, k, v, o, lse, segment, order, scale);
}

/* ── what kernels ask of their surroundings ── */

cudaStream_t
tpd_cuda_enter (TpdExec *exec)
{
  return tpd_cuda_stream (exec)->stream;
}

void
tpd_cuda_launched (TpdExec *exec, const char *what)
{
}

void
tpd_cuda_refuse (TpdExec *exec, const char *op, const char *why)
{
  g_autofree char *message = g_strdup_printf ("%s: %s", op, why);

  exec->fail (exec, TPD_ERROR_UNSUPPORTED, message);
}

/* ── the device ── */

static gpointer
shim_alloc (TpdDevice *device, gpointer stream, gsize n_bytes, GError **error)
{
  gpointer data = NULL;

  if (posix_memalign (&data, 64, MAX (n_bytes, 1)) == 0)
    return data;
  g_set_error (error, TPD_ERROR, TPD_ERROR_NO_MEMORY, "Not enough memory");
  return NULL;
}

static void
shim_release (TpdDevice *device, gpointer stream, gpointer data, gsize n_bytes)
{
  free (data);
}

static gboolean
shim_copy (TpdDevice *device, gpointer stream, gpointer dst, gconstpointer src, gsize n_bytes,
           GError **error)
{
  if (n_bytes > 0)
    memcpy (dst, src, n_bytes);
  return TRUE;
}

/* Reports what kernels found, as the real one does. */
static gboolean
shim_sync (TpdDevice *device, gpointer stream, GError **error)
{
  int *fault = ((TpdCudaStream *)stream)->fault;

  if (*fault == TPD_CUDA_FAULT_NONE)
    return TRUE;
  *fault = TPD_CUDA_FAULT_NONE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
               "embedding: an id is outside the table");
  return FALSE;
}

/* Few multiprocessors, so that loops over grids take more than one turn. */
static gpointer
shim_stream_new (TpdDevice *device, GError **error)
{
  TpdCudaStream *stream = g_new0 (TpdCudaStream, 1);

  stream->capability = 75;
  stream->n_multiprocessors = 2;
  stream->fault = g_new0 (int, 1);
  return stream;
}

static void
shim_stream_free (TpdDevice *device, gpointer stream)
{
  g_free (((TpdCudaStream *)stream)->fault);
  g_free (stream);
}

static char *
shim_describe (TpdDevice *device)
{
  return g_strdup ("CUDA kernels on the host");
}

static guint64
shim_peak_bytes (TpdDevice *device)
{
  return 0;
}

static void
tpd_shim_device_class_init (TpdShimDeviceClass *klass)
{
  TpdDeviceClass *device_class = TPD_DEVICE_CLASS (klass);

  device_class->ops = &ops;
  device_class->alloc = shim_alloc;
  device_class->release = shim_release;
  device_class->upload = shim_copy;
  device_class->download = shim_copy;
  device_class->sync = shim_sync;
  device_class->stream_new = shim_stream_new;
  device_class->stream_free = shim_stream_free;
  device_class->describe = shim_describe;
  device_class->peak_bytes = shim_peak_bytes;
}

static void
tpd_shim_device_init (TpdShimDevice *self)
{
}

/* What the engine looks for in a backend. */
__attribute__ ((visibility ("default"))) TpdDevice *tpd_backend_open (guint abi, const char *name,
                                                                      GError **error);

TpdDevice *
tpd_backend_open (guint abi, const char *name, GError **error)
{
  return g_object_new (tpd_shim_device_get_type (), NULL);
}
