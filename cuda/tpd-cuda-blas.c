/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-blas.h"

#include <cublasLt.h>

#include "tpd-cuda-error.h"

/* What NVIDIA recommends for Hopper; less would exclude the fastest kernels there. */
#define WORKSPACE_BYTES ((gsize)32 << 20)

/* How cuBLASLt, which knows columns only, sees our rows. A row-major [R, C] matrix is the
 * column-major [C, R] one, its transpose, in the same bytes with the same step. So it computes
 *
 *     Cᵀ = op (B)ᵀ op (A)ᵀ       N×M = N×K · K×M
 *
 * with B as its first operand. B stored [K, N] is N×K to it, as wanted; stored [N, K] (trans_b) it
 * is K×N and gets transposed: its flag is ours. Likewise A stored [M, K] is K×M to it, as wanted.
 * Its bias is one number a row of its result, whose rows are our columns. */
typedef struct
{
  cublasLtMatmulDescOpaque_t desc;
  cublasLtMatrixLayoutOpaque_t b, a, c;
  cublasLtMatmulAlgo_t algo;
  gboolean possible; /* the library has an algorithm */
} Plan;

/* A plan holds for a shape and for how well the operands are aligned. */
typedef struct
{
  TpdCudaProduct product;
  guint32 align_a, align_b, align_c, align_bias; /* bytes */
} Key;

struct _TpdCudaBlas
{
  /* owned */
  cublasLtHandle_t handle;
  void *workspace;
  GHashTable *plans; /* bytes of a Key → Plan */

  /* borrowed */
  TpdCudaQueue *queue;
};

void
tpd_cuda_blas_free (TpdCudaBlas *self)
{
  g_hash_table_unref (self->plans);
  if (self->workspace != NULL)
    cudaFreeAsync (self->workspace, self->queue->base.stream);
  if (self->handle != NULL)
    cublasLtDestroy (self->handle);
  g_free (self);
}

static gboolean
succeeded (TpdExec *exec, cublasStatus_t status, const char *what)
{
  if (status != CUBLAS_STATUS_SUCCESS)
    tpd_cuda_fail (exec, what, cublasLtGetStatusString (status));
  return status == CUBLAS_STATUS_SUCCESS;
}

/* That of the queue, made when first asked for. */
static TpdCudaBlas *
blas_of (TpdExec *exec)
{
  TpdCudaQueue *queue = tpd_cuda_queue (exec);
  TpdCudaBlas *self;

  if (queue->blas != NULL)
    return queue->blas;
  self = g_new0 (TpdCudaBlas, 1);
  self->queue = queue;
  self->plans =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, g_free);
  if (!tpd_cuda_succeeded (exec,
                           cudaMallocFromPoolAsync (&self->workspace, WORKSPACE_BYTES,
                                                    queue->device->pool, queue->base.stream),
                           "workspace of cuBLASLt") ||
      !succeeded (exec, cublasLtCreate (&self->handle), "opening cuBLASLt"))
    {
      tpd_cuda_blas_free (self);
      return NULL;
    }
  return queue->blas = self;
}

/* ── plans ── */

static cudaDataType_t
data_type (TpdDtype dtype)
{
  return dtype == TPD_F16 ? CUDA_R_16F : dtype == TPD_BF16 ? CUDA_R_16BF : CUDA_R_32F;
}

/* Sums are f32; factors of f32 keep all their bits unless TPDIFF_CUDA_TF32=1. */
static cublasComputeType_t
compute_type (TpdDtype dtype, gboolean tf32)
{
  return dtype == TPD_F32 && tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
}

/* A row-major [rows, columns] matrix, for a library that knows columns. */
static void
lay_out (cublasLtMatrixLayout_t layout, TpdDtype dtype, gint64 rows, gint64 columns, gint64 row,
         gint64 batch, gint64 step)
{
  int32_t count = (int32_t)batch;

  cublasLtMatrixLayoutInit (layout, data_type (dtype), (uint64_t)columns, (uint64_t)rows, row);
  cublasLtMatrixLayoutSetAttribute (layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count,
                                    sizeof count);
  cublasLtMatrixLayoutSetAttribute (layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &step,
                                    sizeof step);
}

/* The library looks at the address of the bias when it chooses an algorithm. */
static void
set_bias (Plan *plan, const void *bias)
{
  cublasLtMatmulDescSetAttribute (&plan->desc, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias,
                                  sizeof bias);
}

static void
describe (Plan *plan, const TpdCudaProduct *p, const void *bias, gboolean tf32)
{
  cublasOperation_t first = p->trans_b ? CUBLAS_OP_T : CUBLAS_OP_N;
  cublasOperation_t second = p->trans_a ? CUBLAS_OP_T : CUBLAS_OP_N;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_BIAS;
  cudaDataType_t type = data_type (p->dtype);

  cublasLtMatmulDescInit (&plan->desc, compute_type (p->dtype, tf32), CUDA_R_32F);
  cublasLtMatmulDescSetAttribute (&plan->desc, CUBLASLT_MATMUL_DESC_TRANSA, &first, sizeof first);
  cublasLtMatmulDescSetAttribute (&plan->desc, CUBLASLT_MATMUL_DESC_TRANSB, &second, sizeof second);
  if (p->with_bias)
    {
      cublasLtMatmulDescSetAttribute (&plan->desc, CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue,
                                      sizeof epilogue);
      cublasLtMatmulDescSetAttribute (&plan->desc, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, &type,
                                      sizeof type);
      set_bias (plan, bias);
    }
  lay_out (&plan->b, p->dtype, p->trans_b ? p->n : p->k, p->trans_b ? p->k : p->n, p->row_b,
           p->batch, p->batch_b);
  lay_out (&plan->a, p->dtype, p->trans_a ? p->k : p->m, p->trans_a ? p->m : p->k, p->row_a,
           p->batch, p->batch_a);
  lay_out (&plan->c, p->dtype, p->m, p->n, p->row_c, p->batch, p->batch_c);
}

static void
prefer (cublasLtMatmulPreference_t preference, const Key *key)
{
  const size_t workspace = WORKSPACE_BYTES;
  /* Not in place, whose order of summation varies; not in T, which rounds too often. */
  const guint32 reduction = CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;

  cublasLtMatmulPreferenceInit (preference);
  cublasLtMatmulPreferenceSetAttribute (preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                        &workspace, sizeof workspace);
  cublasLtMatmulPreferenceSetAttribute (preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                                        &reduction, sizeof reduction);
  cublasLtMatmulPreferenceSetAttribute (preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES,
                                        &key->align_b, sizeof key->align_b);
  cublasLtMatmulPreferenceSetAttribute (preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                                        &key->align_a, sizeof key->align_a);
  cublasLtMatmulPreferenceSetAttribute (preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES,
                                        &key->align_c, sizeof key->align_c);
  cublasLtMatmulPreferenceSetAttribute (preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES,
                                        &key->align_c, sizeof key->align_c);
}

static Plan *
make_plan (TpdCudaBlas *self, const Key *key, const void *bias)
{
  cublasLtMatmulPreferenceOpaque_t preference;
  cublasLtMatmulHeuristicResult_t result = {0};
  Plan *plan = g_new0 (Plan, 1);
  int n_found = 0;

  describe (plan, &key->product, bias, self->queue->device->tf32);
  prefer (&preference, key);
  if (cublasLtMatmulAlgoGetHeuristic (self->handle, &plan->desc, &plan->b, &plan->a, &plan->c,
                                      &plan->c, &preference, 1, &result,
                                      &n_found) == CUBLAS_STATUS_SUCCESS &&
      n_found > 0 && result.state == CUBLAS_STATUS_SUCCESS)
    {
      plan->algo = result.algo;
      plan->possible = TRUE;
    }
  return plan;
}

/* The plan of that key, made when first asked for. */
static Plan *
plan_for (TpdCudaBlas *self, const Key *key, const void *bias)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (key, sizeof *key);
  Plan *plan = g_hash_table_lookup (self->plans, bytes);

  if (plan == NULL)
    {
      plan = make_plan (self, key, bias);
      g_hash_table_insert (self->plans, g_bytes_new (key, sizeof *key), plan);
    }
  return plan;
}

/* ── running one ── */

/* The largest power of two up to 256 that divides an address. */
static guint32
alignment (const void *data)
{
  return data == NULL ? 256 : (guint32)MIN ((guintptr)data & -(guintptr)data, 256);
}

gboolean
tpd_cuda_blas_product (TpdExec *exec, const TpdCudaProduct *product, void *c, const void *a,
                       const void *b, const void *bias, double alpha, double beta)
{
  const float factors[2] = {(float)alpha, (float)beta};
  const Key key = {*product, alignment (a), alignment (b), alignment (c), alignment (bias)};
  cudaStream_t stream = tpd_cuda_enter (exec);
  TpdCudaBlas *self = blas_of (exec);
  Plan *plan;

  if (self == NULL)
    return TRUE;
  plan = plan_for (self, &key, bias);
  if (!plan->possible && product->with_bias)
    return FALSE;
  if (!plan->possible)
    {
      tpd_cuda_refuse (exec, "gemm", "cuBLASLt has no algorithm for this product");
      return TRUE;
    }
  if (product->with_bias)
    set_bias (plan, bias);
  if (succeeded (exec,
                 cublasLtMatmul (self->handle, &plan->desc, &factors[0], b, &plan->b, a, &plan->a,
                                 &factors[1], c, &plan->c, c, &plan->c, &plan->algo,
                                 self->workspace, WORKSPACE_BYTES, stream),
                 "gemm"))
    tpd_cuda_launched (exec, "gemm");
  return TRUE;
}
