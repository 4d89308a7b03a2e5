/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-error.h"
#include "tpd-cuda-graph.h"

/* One convolution graph, by the bytes of this. */
typedef struct
{
  gint64 kind; /* 'c': keys of attention differ */
  gint64 x[4], w[4], y[4];
  gint32 result, dtype, stride, pad_v, pad_h, unused;
} Key;

/* How the operation of each result names its parts. */
static const struct
{
  cudnnBackendDescriptorType_t operation;
  cudnnBackendAttributeName_t conv, alpha, beta, x, w, y;
} names[] = {
    [TPD_CUDA_CONV_Y] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
                         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
                         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
                         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
                         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
                         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
                         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y},
    [TPD_CUDA_CONV_DX] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY},
    [TPD_CUDA_CONV_DW] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY},
};

/* cuDNN counts dimensions as N, C, H, W (weights: K, C, R, S) wherever they lie; ours lie channels
 * last: [N, H, W, C] and [O, kh, kw, I]. */
static cudnnBackendDescriptor_t
channels_last (TpdCudaGraph *graph, TpdDtype dtype, const gint64 s[4])
{
  const gint64 shape[4] = {s[0], s[3], s[1], s[2]};
  const gint64 stride[4] = {s[1] * s[2] * s[3], 1, s[2] * s[3], s[3]};

  return tpd_cuda_graph_tensor (graph, dtype, shape, stride);
}

static cudnnBackendDescriptor_t
convolution (TpdCudaGraph *graph, const Key *key)
{
  const gint64 n_spatial = 2, dilation[2] = {1, 1};
  const gint64 stride[2] = {key->stride, key->stride}, padding[2] = {key->pad_v, key->pad_h};
  const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
  const cudnnDataType_t compute = CUDNN_DATA_FLOAT;
  cudnnBackendDescriptor_t conv =
      tpd_cuda_graph_begin (graph, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);

  tpd_cuda_graph_set (graph, conv, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1,
                      &compute);
  tpd_cuda_graph_set (graph, conv, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1,
                      &mode);
  tpd_cuda_graph_set (graph, conv, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1,
                      &n_spatial);
  tpd_cuda_graph_set (graph, conv, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, dilation);
  tpd_cuda_graph_set (graph, conv, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2,
                      stride);
  tpd_cuda_graph_set (graph, conv, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2,
                      padding);
  tpd_cuda_graph_set (graph, conv, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2,
                      padding);
  tpd_cuda_graph_finish (graph, conv);
  return conv;
}

/* Tensors in the order y, x, w. */
static void
describe (TpdCudaGraph *graph, const Key *key)
{
  const float alpha = 1, beta = 0;
  cudnnBackendDescriptor_t y = channels_last (graph, key->dtype, key->y);
  cudnnBackendDescriptor_t x = channels_last (graph, key->dtype, key->x);
  cudnnBackendDescriptor_t w = channels_last (graph, key->dtype, key->w);
  cudnnBackendDescriptor_t conv = convolution (graph, key);

  graph->operation = tpd_cuda_graph_begin (graph, names[key->result].operation);
  tpd_cuda_graph_operand (graph, names[key->result].conv, conv);
  tpd_cuda_graph_operand (graph, names[key->result].y, y);
  tpd_cuda_graph_operand (graph, names[key->result].x, x);
  tpd_cuda_graph_operand (graph, names[key->result].w, w);
  tpd_cuda_graph_set (graph, graph->operation, names[key->result].alpha, CUDNN_TYPE_FLOAT, 1,
                      &alpha);
  tpd_cuda_graph_set (graph, graph->operation, names[key->result].beta, CUDNN_TYPE_FLOAT, 1, &beta);
  tpd_cuda_graph_finish (graph, graph->operation);
}

/* The graph for these shapes, planned when first asked for; NULL after an error. */
static TpdCudaGraph *
graph_for (TpdExec *exec, TpdCudaDnn *dnn, TpdCudaConvResult result, const TpdView *y,
           const TpdView *x, const TpdView *w, const TpdConvGeometry *geometry)
{
  gboolean exact = y->dtype == TPD_F32 && !tpd_cuda_queue (exec)->device->tf32;
  TpdCudaGraph *graph;
  Key key = {
      .kind = 'c',
      .result = (gint32)result,
      .dtype = (gint32)y->dtype,
      .stride = geometry->stride,
      .pad_v = geometry->pad_top,
      .pad_h = geometry->pad_left,
  };

  memcpy (key.x, x->shape, sizeof key.x);
  memcpy (key.w, w->shape, sizeof key.w);
  memcpy (key.y, y->shape, sizeof key.y);
  graph = tpd_cuda_dnn_lookup (dnn, &key, sizeof key);
  if (graph == NULL)
    {
      graph = tpd_cuda_graph_new ();
      describe (graph, &key);
      tpd_cuda_graph_plan (graph, tpd_cuda_dnn_handle (dnn), exact ? TPD_CUDA_GRAPH_EXACT : 0);
      tpd_cuda_dnn_keep (dnn, &key, sizeof key, graph);
    }
  if (graph->plan != NULL)
    return graph;
  tpd_cuda_refuse (exec, "conv2d", "cuDNN has no engine for a convolution of these shapes");
  return NULL;
}

gint64
tpd_cuda_dnn_conv_workspace (TpdExec *exec, TpdCudaConvResult result, const TpdView *y,
                             const TpdView *x, const TpdView *w, const TpdConvGeometry *geometry)
{
  TpdCudaDnn *dnn;
  TpdCudaGraph *graph;

  tpd_cuda_enter (exec);
  dnn = tpd_cuda_dnn_of (exec);
  graph = dnn != NULL ? graph_for (exec, dnn, result, y, x, w, geometry) : NULL;
  return graph != NULL ? graph->workspace_bytes : -1;
}

void
tpd_cuda_dnn_conv (TpdExec *exec, TpdCudaConvResult result, const TpdView *y, const TpdView *x,
                   const TpdView *w, const TpdConvGeometry *geometry, void *workspace)
{
  void *const addresses[] = {y->data, x->data, w->data};
  TpdCudaDnn *dnn;
  TpdCudaGraph *graph;

  tpd_cuda_enter (exec);
  dnn = tpd_cuda_dnn_of (exec);
  graph = dnn != NULL ? graph_for (exec, dnn, result, y, x, w, geometry) : NULL;
  if (graph != NULL &&
      tpd_cuda_dnn_succeeded (
          exec, tpd_cuda_graph_run (graph, tpd_cuda_dnn_handle (dnn), addresses, workspace),
          "conv2d"))
    tpd_cuda_launched (exec, "conv2d");
}
