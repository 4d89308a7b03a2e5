/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-error.h"
#include "tpd-cuda-graph.h"

/* One attention graph, by the bytes of this. */
typedef struct
{
  gint64 kind; /* 'a': keys of convolutions differ */
  gint64 dtype;
  gint64 q[4], k[4];
  gint64 q_stride[4], k_stride[4], v_stride[4], o_stride[4];
} Key;

/* Strides of dimensions of size 1 are told apart from nothing: they take part as 0. */
static void
strides_of (const TpdView *x, gint64 stride[4])
{
  for (int d = 0; d < 4; d++)
    stride[d] = x->shape[d] == 1 ? 0 : x->stride[d];
}

/* cuDNN counts dimensions as batch, head, row, column wherever they lie; ours lie [B, N, H, D]. */
static cudnnBackendDescriptor_t
heads (TpdCudaGraph *graph, const Key *key, const gint64 s[4], const gint64 stride[4])
{
  const gint64 shape[4] = {s[0], s[2], s[1], s[3]};
  const gint64 filled[4] = {stride[0] != 0 ? stride[0] : s[1] * s[2] * s[3],
                            stride[2] != 0 ? stride[2] : s[3],
                            stride[1] != 0 ? stride[1] : s[2] * s[3], 1};

  return tpd_cuda_graph_tensor (graph, (TpdDtype)key->dtype, shape, filled);
}

/* Tensors in the order q, k, v, o, lse, scale. */
static void
describe (TpdCudaGraph *graph, const Key *key)
{
  const gint64 n = key->q[1], n_heads = key->q[2];
  const gint64 lse_shape[4] = {key->q[0], n_heads, n, 1}, lse_stride[4] = {n_heads * n, n, 1, 1};
  cudnnBackendDescriptor_t q = heads (graph, key, key->q, key->q_stride);
  cudnnBackendDescriptor_t k = heads (graph, key, key->k, key->k_stride);
  cudnnBackendDescriptor_t v = heads (graph, key, key->k, key->v_stride);
  cudnnBackendDescriptor_t o = heads (graph, key, key->q, key->o_stride);
  cudnnBackendDescriptor_t lse = tpd_cuda_graph_tensor (graph, TPD_F32, lse_shape, lse_stride);
  cudnnBackendDescriptor_t scale = tpd_cuda_graph_scalar (graph);

  graph->operation = tpd_cuda_graph_begin (graph, CUDNN_BACKEND_OPERATION_SDPA_FWD_DESCRIPTOR);
  tpd_cuda_graph_operand (graph, CUDNN_ATTR_OPERATION_SDPA_FWD_QDESC, q);
  tpd_cuda_graph_operand (graph, CUDNN_ATTR_OPERATION_SDPA_FWD_KDESC, k);
  tpd_cuda_graph_operand (graph, CUDNN_ATTR_OPERATION_SDPA_FWD_VDESC, v);
  tpd_cuda_graph_operand (graph, CUDNN_ATTR_OPERATION_SDPA_FWD_ODESC, o);
  tpd_cuda_graph_operand (graph, CUDNN_ATTR_OPERATION_SDPA_FWD_STATSDESC, lse);
  tpd_cuda_graph_operand (graph, CUDNN_ATTR_OPERATION_SDPA_FWD_SCALEDESC, scale);
  tpd_cuda_graph_finish (graph, graph->operation);
}

static TpdCudaGraph *
graph_for (TpdCudaDnn *dnn, const Key *key)
{
  TpdCudaGraph *graph = tpd_cuda_dnn_lookup (dnn, key, sizeof *key);

  if (graph != NULL)
    return graph;
  graph = tpd_cuda_graph_new ();
  describe (graph, key);
  tpd_cuda_graph_plan (graph, tpd_cuda_dnn_handle (dnn), 0);
  tpd_cuda_dnn_keep (dnn, key, sizeof *key, graph);
  return graph;
}

gboolean
tpd_cuda_dnn_attention (TpdExec *exec, const TpdView *o, const TpdView *lse, const TpdView *q,
                        const TpdView *k, const TpdView *v, double scale)
{
  float factor = (float)scale;
  void *const addresses[] = {q->data, k->data, v->data, o->data, lse->data, &factor};
  Key key = {.kind = 'a', .dtype = q->dtype};
  void *workspace = NULL;
  TpdCudaDnn *dnn;
  TpdCudaGraph *graph;

  memcpy (key.q, q->shape, sizeof key.q);
  memcpy (key.k, k->shape, sizeof key.k);
  strides_of (q, key.q_stride);
  strides_of (k, key.k_stride);
  strides_of (v, key.v_stride);
  strides_of (o, key.o_stride);
  tpd_cuda_enter (exec);
  dnn = tpd_cuda_dnn_of (exec);
  if (dnn == NULL)
    return TRUE;
  graph = graph_for (dnn, &key);
  if (graph->plan == NULL)
    return FALSE;
  if (graph->workspace_bytes > 0 &&
      (workspace = exec->scratch (exec, (gsize)graph->workspace_bytes)) == NULL)
    return TRUE;
  if (tpd_cuda_dnn_succeeded (
          exec, tpd_cuda_graph_run (graph, tpd_cuda_dnn_handle (dnn), addresses, workspace),
          "attention"))
    tpd_cuda_launched (exec, "attention");
  return TRUE;
}
