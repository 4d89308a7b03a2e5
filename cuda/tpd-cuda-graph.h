/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cudnn.h>

#include "tpd-cuda-dnn.h"

G_BEGIN_DECLS

/* cuDNN's backend interface, as little of it as convolution and attention need: descriptors are
 * made, given attributes and finished; operations over tensors form a graph; for a graph cuDNN
 * proposes engines; the first that will do becomes the plan. */

#define TPD_CUDA_GRAPH_MAX_TENSORS 12

typedef struct
{
  /* owned: everything that was made for it, the plan last */
  GPtrArray *descriptors;

  /* borrowed */
  cudnnBackendDescriptor_t plan;      /* NULL if there is none */
  cudnnBackendDescriptor_t operation; /* what is being built */

  /* state */
  gint64 workspace_bytes;
  guint n_tensors; /* their ids are 1 … n_tensors, in the order of their making */
  cudnnStatus_t status;
} TpdCudaGraph;

TpdCudaGraph *tpd_cuda_graph_new (void);
void tpd_cuda_graph_free (TpdCudaGraph *self);

/* ── making descriptors; the first failure sticks in `status` ── */

cudnnBackendDescriptor_t tpd_cuda_graph_begin (TpdCudaGraph *self,
                                               cudnnBackendDescriptorType_t type);
void tpd_cuda_graph_set (TpdCudaGraph *self, cudnnBackendDescriptor_t descriptor,
                         cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                         gint64 count, const void *values);
void tpd_cuda_graph_finish (TpdCudaGraph *self, cudnnBackendDescriptor_t descriptor);

/* A tensor of four dimensions at an address that is a multiple of 16. */
cudnnBackendDescriptor_t tpd_cuda_graph_tensor (TpdCudaGraph *self, TpdDtype dtype,
                                                const gint64 shape[4], const gint64 stride[4]);

/* A number of f32 that is passed by value: the address given for it is the host's. */
cudnnBackendDescriptor_t tpd_cuda_graph_scalar (TpdCudaGraph *self);

/* Gives the operation being built one of its tensors. */
void tpd_cuda_graph_operand (TpdCudaGraph *self, cudnnBackendAttributeName_t name,
                             cudnnBackendDescriptor_t tensor);

/* ── planning and running ── */

/* Properties of engines that rule them out. */
typedef enum
{
  TPD_CUDA_GRAPH_EXACT = 1 << 0, /* f32 factors keep their bits */
} TpdCudaGraphFlags;

/* Looks for a plan for the finished operation. Returns whether there is one. */
gboolean tpd_cuda_graph_plan (TpdCudaGraph *self, cudnnHandle_t handle, TpdCudaGraphFlags flags);

/* Runs the plan: addresses in the order of the tensors. */
cudnnStatus_t tpd_cuda_graph_run (TpdCudaGraph *self, cudnnHandle_t handle, void *const *addresses,
                                  void *workspace);

/* ── plans of one queue ── */

cudnnHandle_t tpd_cuda_dnn_handle (TpdCudaDnn *self);

/* The graph kept under a key, or NULL; and keeping one (it takes the graph). Keys are compared
 * byte by byte. */
TpdCudaGraph *tpd_cuda_dnn_lookup (TpdCudaDnn *self, const void *key, gsize key_bytes);
void tpd_cuda_dnn_keep (TpdCudaDnn *self, const void *key, gsize key_bytes, TpdCudaGraph *graph);

/* That of the queue of exec, made when first asked for; NULL after an error. */
TpdCudaDnn *tpd_cuda_dnn_of (TpdExec *exec);

/* Whether a call of cuDNN went well; reports it if not. */
gboolean tpd_cuda_dnn_succeeded (TpdExec *exec, cudnnStatus_t status, const char *what);

G_END_DECLS
