/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* As much of CUDA's header as the backend uses. tpd-fake-runtime.c has the functions: device memory
 * is the host's, streams are done with everything at once. */

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

  typedef enum
  {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInsufficientDriver = 35,
    cudaErrorECCUncorrectable = 214,
    cudaErrorNvlinkUncorrectable = 220,
    cudaErrorInvalidResourceHandle = 400,
    cudaErrorIllegalAddress = 700,
    cudaErrorLaunchTimeout = 702,
    cudaErrorContextIsDestroyed = 709,
    cudaErrorAssert = 710,
    cudaErrorHardwareStackError = 714,
    cudaErrorIllegalInstruction = 715,
    cudaErrorMisalignedAddress = 716,
    cudaErrorInvalidAddressSpace = 717,
    cudaErrorInvalidPc = 718,
    cudaErrorLaunchFailure = 719,
    cudaErrorDevicesUnavailable = 46,
    cudaErrorUnknown = 999,
  } cudaError_t;

  typedef struct TpdFakeStream *cudaStream_t;
  typedef struct TpdFakeEvent *cudaEvent_t;
  typedef struct TpdFakePool *cudaMemPool_t;

  struct cudaDeviceProp
  {
    char name[256];
    size_t totalGlobalMem;
    int major, minor;
    int multiProcessorCount;
  };

  enum cudaDeviceAttr
  {
    cudaDevAttrMemoryPoolsSupported,
  };

  enum cudaMemcpyKind
  {
    cudaMemcpyHostToDevice,
    cudaMemcpyDeviceToHost,
  };

  enum
  {
    cudaStreamNonBlocking = 1,
    cudaEventDisableTiming = 2,
    cudaMemAllocationTypePinned = 1,
    cudaMemHandleTypeNone = 0,
    cudaMemLocationTypeDevice = 1,
  };

  struct cudaMemPoolProps
  {
    int allocType, handleTypes;
    struct
    {
      int type, id;
    } location;
  };

  enum cudaMemPoolAttr
  {
    cudaMemPoolAttrReleaseThreshold,
    cudaMemPoolAttrUsedMemHigh,
  };

  const char *cudaGetErrorString (cudaError_t status);
  cudaError_t cudaGetLastError (void);

  cudaError_t cudaGetDeviceCount (int *count);
  cudaError_t cudaSetDevice (int device);
  cudaError_t cudaGetDeviceProperties (struct cudaDeviceProp *properties, int device);
  cudaError_t cudaDeviceGetAttribute (int *value, enum cudaDeviceAttr attribute, int device);
  cudaError_t cudaMemGetInfo (size_t *free_bytes, size_t *total_bytes);

  cudaError_t cudaMemPoolCreate (cudaMemPool_t *pool, const struct cudaMemPoolProps *props);
  cudaError_t cudaMemPoolDestroy (cudaMemPool_t pool);
  cudaError_t cudaMemPoolSetAttribute (cudaMemPool_t pool, enum cudaMemPoolAttr name, void *value);
  cudaError_t cudaMemPoolGetAttribute (cudaMemPool_t pool, enum cudaMemPoolAttr name, void *value);
  cudaError_t cudaMemPoolTrimTo (cudaMemPool_t pool, size_t n_bytes);
  cudaError_t cudaMallocFromPoolAsync (void **data, size_t n_bytes, cudaMemPool_t pool,
                                       cudaStream_t stream);
  cudaError_t cudaFreeAsync (void *data, cudaStream_t stream);
  cudaError_t cudaMallocHost (void **data, size_t n_bytes);
  cudaError_t cudaFreeHost (void *data);

  cudaError_t cudaStreamCreateWithFlags (cudaStream_t *stream, unsigned flags);
  cudaError_t cudaStreamDestroy (cudaStream_t stream);
  cudaError_t cudaStreamSynchronize (cudaStream_t stream);
  cudaError_t cudaEventCreateWithFlags (cudaEvent_t *event, unsigned flags);
  cudaError_t cudaEventDestroy (cudaEvent_t event);
  cudaError_t cudaEventRecord (cudaEvent_t event, cudaStream_t stream);
  cudaError_t cudaEventSynchronize (cudaEvent_t event);
  cudaError_t cudaMemcpyAsync (void *to, const void *from, size_t n_bytes, enum cudaMemcpyKind kind,
                               cudaStream_t stream);

#ifdef __cplusplus
}
#endif
