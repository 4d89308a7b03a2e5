/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-dnn.h"

#include "tpd-cuda-error.h"
#include "tpd-cuda-graph.h"

struct _TpdCudaDnn
{
  /* owned */
  cudnnHandle_t handle;
  GHashTable *graphs; /* bytes of a key → TpdCudaGraph */
};

void
tpd_cuda_dnn_free (TpdCudaDnn *self)
{
  g_hash_table_unref (self->graphs);
  if (self->handle != NULL)
    cudnnDestroy (self->handle);
  g_free (self);
}

gboolean
tpd_cuda_dnn_succeeded (TpdExec *exec, cudnnStatus_t status, const char *what)
{
  if (status != CUDNN_STATUS_SUCCESS)
    tpd_cuda_fail (exec, what, cudnnGetErrorString (status));
  return status == CUDNN_STATUS_SUCCESS;
}

TpdCudaDnn *
tpd_cuda_dnn_of (TpdExec *exec)
{
  TpdCudaQueue *queue = tpd_cuda_queue (exec);
  TpdCudaDnn *self;

  if (queue->dnn != NULL)
    return queue->dnn;
  self = g_new0 (TpdCudaDnn, 1);
  self->graphs = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref,
                                        (GDestroyNotify)tpd_cuda_graph_free);
  if (!tpd_cuda_dnn_succeeded (exec, cudnnCreate (&self->handle), "opening cuDNN") ||
      !tpd_cuda_dnn_succeeded (exec, cudnnSetStream (self->handle, queue->base.stream),
                               "opening cuDNN"))
    {
      tpd_cuda_dnn_free (self);
      return NULL;
    }
  return queue->dnn = self;
}

cudnnHandle_t
tpd_cuda_dnn_handle (TpdCudaDnn *self)
{
  return self->handle;
}

TpdCudaGraph *
tpd_cuda_dnn_lookup (TpdCudaDnn *self, const void *key, gsize key_bytes)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (key, key_bytes);

  return g_hash_table_lookup (self->graphs, bytes);
}

void
tpd_cuda_dnn_keep (TpdCudaDnn *self, const void *key, gsize key_bytes, TpdCudaGraph *graph)
{
  g_hash_table_insert (self->graphs, g_bytes_new (key, key_bytes), graph);
}
