/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-graph.h"

#include <stdbool.h>

/* A plan that wants more scratch memory than this is passed over. */
#define MAX_WORKSPACE_BYTES ((gint64)1 << 30)

/* Engines to look at, of those that cuDNN proposes. */
#define MAX_ENGINES 32

TpdCudaGraph *
tpd_cuda_graph_new (void)
{
  TpdCudaGraph *self = g_new0 (TpdCudaGraph, 1);

  self->descriptors = g_ptr_array_new ();
  self->status = CUDNN_STATUS_SUCCESS;
  return self;
}

void
tpd_cuda_graph_free (TpdCudaGraph *self)
{
  for (guint i = self->descriptors->len; i > 0; i--)
    cudnnBackendDestroyDescriptor (self->descriptors->pdata[i - 1]);
  g_ptr_array_unref (self->descriptors);
  g_free (self);
}

/* ── descriptors ── */

static gboolean
keep_status (TpdCudaGraph *self, cudnnStatus_t status)
{
  if (self->status == CUDNN_STATUS_SUCCESS)
    self->status = status;
  return self->status == CUDNN_STATUS_SUCCESS;
}

cudnnBackendDescriptor_t
tpd_cuda_graph_begin (TpdCudaGraph *self, cudnnBackendDescriptorType_t type)
{
  cudnnBackendDescriptor_t descriptor = NULL;

  if (self->status == CUDNN_STATUS_SUCCESS &&
      keep_status (self, cudnnBackendCreateDescriptor (type, &descriptor)))
    g_ptr_array_add (self->descriptors, descriptor);
  return descriptor;
}

void
tpd_cuda_graph_set (TpdCudaGraph *self, cudnnBackendDescriptor_t descriptor,
                    cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                    gint64 count, const void *values)
{
  if (self->status == CUDNN_STATUS_SUCCESS)
    keep_status (self, cudnnBackendSetAttribute (descriptor, name, type, count, values));
}

void
tpd_cuda_graph_finish (TpdCudaGraph *self, cudnnBackendDescriptor_t descriptor)
{
  if (self->status == CUDNN_STATUS_SUCCESS)
    keep_status (self, cudnnBackendFinalize (descriptor));
}

static cudnnDataType_t
data_type (TpdDtype dtype)
{
  return dtype == TPD_F16    ? CUDNN_DATA_HALF
         : dtype == TPD_BF16 ? CUDNN_DATA_BFLOAT16
                             : CUDNN_DATA_FLOAT;
}

static cudnnBackendDescriptor_t
begin_tensor (TpdCudaGraph *self, TpdDtype dtype, const gint64 shape[4], const gint64 stride[4])
{
  const gint64 alignment = 16, id = ++self->n_tensors;
  const cudnnDataType_t type = data_type (dtype);
  cudnnBackendDescriptor_t tensor = tpd_cuda_graph_begin (self, CUDNN_BACKEND_TENSOR_DESCRIPTOR);

  tpd_cuda_graph_set (self, tensor, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
  tpd_cuda_graph_set (self, tensor, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, shape);
  tpd_cuda_graph_set (self, tensor, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, stride);
  tpd_cuda_graph_set (self, tensor, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &id);
  tpd_cuda_graph_set (self, tensor, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1,
                      &alignment);
  return tensor;
}

cudnnBackendDescriptor_t
tpd_cuda_graph_tensor (TpdCudaGraph *self, TpdDtype dtype, const gint64 shape[4],
                       const gint64 stride[4])
{
  cudnnBackendDescriptor_t tensor = begin_tensor (self, dtype, shape, stride);

  tpd_cuda_graph_finish (self, tensor);
  return tensor;
}

cudnnBackendDescriptor_t
tpd_cuda_graph_scalar (TpdCudaGraph *self)
{
  const gint64 ones[4] = {1, 1, 1, 1};
  const bool by_value = true;
  cudnnBackendDescriptor_t tensor = begin_tensor (self, TPD_F32, ones, ones);

  tpd_cuda_graph_set (self, tensor, CUDNN_ATTR_TENSOR_IS_BY_VALUE, CUDNN_TYPE_BOOLEAN, 1,
                      &by_value);
  tpd_cuda_graph_finish (self, tensor);
  return tensor;
}

void
tpd_cuda_graph_operand (TpdCudaGraph *self, cudnnBackendAttributeName_t name,
                        cudnnBackendDescriptor_t tensor)
{
  tpd_cuda_graph_set (self, self->operation, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &tensor);
}

/* ── planning ── */

/* Sums must be sums of products, in f32, and come out the same each time. */
static gboolean
forbidden (cudnnBackendNumericalNote_t note, TpdCudaGraphFlags flags)
{
  switch (note)
    {
    case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
      return (flags & TPD_CUDA_GRAPH_EXACT) != 0; /* of f32 they take 10 bits */
    case CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP:
      return FALSE;
    default: /* fewer bits, Winograd, Fourier, or another order each time */
      return TRUE;
    }
}

static gboolean
engine_will_do (TpdCudaGraph *self, cudnnBackendDescriptor_t config, TpdCudaGraphFlags flags)
{
  cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
  cudnnBackendDescriptor_t engine = tpd_cuda_graph_begin (self, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  gint64 n = 0;

  if (engine == NULL ||
      cudnnBackendGetAttribute (config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                1, &n, &engine) != CUDNN_STATUS_SUCCESS ||
      cudnnBackendGetAttribute (engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &n, notes) != CUDNN_STATUS_SUCCESS)
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    if (forbidden (notes[i], flags))
      return FALSE;
  return TRUE;
}

/* Makes the plan of one engine; a refusal is no error, for there may be another engine. */
static gboolean
try_engine (TpdCudaGraph *self, cudnnHandle_t handle, cudnnBackendDescriptor_t config)
{
  cudnnBackendDescriptor_t plan =
      tpd_cuda_graph_begin (self, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  gint64 n = 0;

  if (plan == NULL ||
      cudnnBackendSetAttribute (plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1,
                                &handle) != CUDNN_STATUS_SUCCESS ||
      cudnnBackendSetAttribute (plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG,
                                CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                                &config) != CUDNN_STATUS_SUCCESS ||
      cudnnBackendFinalize (plan) != CUDNN_STATUS_SUCCESS ||
      cudnnBackendGetAttribute (plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1,
                                &n, &self->workspace_bytes) != CUDNN_STATUS_SUCCESS ||
      self->workspace_bytes > MAX_WORKSPACE_BYTES)
    return FALSE;
  self->plan = plan;
  return TRUE;
}

/* The engines that cuDNN proposes in one of its ways, best first. */
static gint64
propose (TpdCudaGraph *self, cudnnBackendDescriptor_t graph, cudnnBackendHeurMode_t mode,
         cudnnBackendDescriptor_t configs[MAX_ENGINES])
{
  cudnnBackendDescriptor_t heuristic =
      tpd_cuda_graph_begin (self, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  gint64 n = 0;

  if (heuristic == NULL ||
      cudnnBackendSetAttribute (heuristic, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH,
                                CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &graph) != CUDNN_STATUS_SUCCESS ||
      cudnnBackendSetAttribute (heuristic, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1,
                                &mode) != CUDNN_STATUS_SUCCESS ||
      cudnnBackendFinalize (heuristic) != CUDNN_STATUS_SUCCESS)
    return 0;
  for (int i = 0; i < MAX_ENGINES; i++)
    configs[i] = tpd_cuda_graph_begin (self, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
  if (self->status != CUDNN_STATUS_SUCCESS ||
      cudnnBackendGetAttribute (heuristic, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                CUDNN_TYPE_BACKEND_DESCRIPTOR, MAX_ENGINES, &n,
                                configs) != CUDNN_STATUS_SUCCESS)
    return 0;
  return MIN (n, MAX_ENGINES);
}

gboolean
tpd_cuda_graph_plan (TpdCudaGraph *self, cudnnHandle_t handle, TpdCudaGraphFlags flags)
{
  static const cudnnBackendHeurMode_t modes[] = {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK};
  cudnnBackendDescriptor_t configs[MAX_ENGINES];
  cudnnBackendDescriptor_t graph =
      tpd_cuda_graph_begin (self, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);

  tpd_cuda_graph_set (self, graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle);
  tpd_cuda_graph_set (self, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                      &self->operation);
  tpd_cuda_graph_finish (self, graph);
  for (guint m = 0; m < G_N_ELEMENTS (modes) && self->status == CUDNN_STATUS_SUCCESS; m++)
    {
      gint64 n = propose (self, graph, modes[m], configs);

      for (gint64 i = 0; i < n; i++)
        if (engine_will_do (self, configs[i], flags) && try_engine (self, handle, configs[i]))
          return TRUE;
    }
  return FALSE;
}

/* ── running ── */

cudnnStatus_t
tpd_cuda_graph_run (TpdCudaGraph *self, cudnnHandle_t handle, void *const *addresses,
                    void *workspace)
{
  gint64 ids[TPD_CUDA_GRAPH_MAX_TENSORS];
  cudnnBackendDescriptor_t pack = NULL;
  cudnnStatus_t status;

  for (guint i = 0; i < self->n_tensors; i++)
    ids[i] = i + 1;
  status = cudnnBackendCreateDescriptor (CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, &pack);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendSetAttribute (pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64,
                                       self->n_tensors, ids);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendSetAttribute (pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS,
                                       CUDNN_TYPE_VOID_PTR, self->n_tensors, addresses);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendSetAttribute (pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR,
                                       1, &workspace);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendFinalize (pack);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendExecute (handle, self->plan, pack);
  if (pack != NULL)
    cudnnBackendDestroyDescriptor (pack);
  return status;
}
