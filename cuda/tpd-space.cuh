/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-kernel.cuh"

/* N operands of one shape, with the dimensions merged and sorted so that element-wise work runs
 * along memory. Elements are numbered in the order of `shape`, row-major; which number an element
 * has does not matter to ops that treat all alike. */
template <int N> struct TpdSpace
{
  char *data[N];
  int64_t n; /* elements */
  int n_dims;
  int64_t shape[TPD_MAX_DIMS];
  int64_t stride[N][TPD_MAX_DIMS]; /* bytes */
};

template <int N>
static inline void
tpd_space_exchange (TpdSpace<N> *self, int i, int j)
{
  int64_t size = self->shape[i];

  self->shape[i] = self->shape[j];
  self->shape[j] = size;
  for (int k = 0; k < N; k++)
    {
      int64_t stride = self->stride[k][i];

      self->stride[k][i] = self->stride[k][j];
      self->stride[k][j] = stride;
    }
}

/* Whether dimension i, for every operand, goes on where the next inner one, j, ends. */
template <int N>
static inline bool
tpd_space_continues (const TpdSpace<N> *self, int i, int j)
{
  for (int k = 0; k < N; k++)
    if (self->stride[k][i] != self->shape[j] * self->stride[k][j])
      return false;
  return true;
}

template <int N>
static inline void
tpd_space_merge (TpdSpace<N> *self)
{
  int n = 0; /* dimensions so far */

  for (int i = 0; i < self->n_dims; i++)
    if (n > 0 && tpd_space_continues (self, n - 1, i))
      {
        self->shape[i] *= self->shape[n - 1];
        tpd_space_exchange (self, n - 1, i);
      }
    else
      tpd_space_exchange (self, n++, i);
  self->n_dims = n;
}

static inline int
tpd_element_size (TpdDtype dtype)
{
  switch (dtype)
    {
    case TPD_U8:
      return 1;
    case TPD_F16:
    case TPD_BF16:
      return 2;
    case TPD_F64:
    case TPD_I64:
      return 8;
    default:
      return 4;
    }
}

/* The space of views of the same shape; operand 0, the output, decides the order of dimensions. */
template <int N>
static inline TpdSpace<N>
tpd_space (const TpdView *const (&views)[N])
{
  TpdSpace<N> self = {};

  self.n = 1;
  for (int k = 0; k < N; k++)
    self.data[k] = (char *)views[k]->data;
  for (int i = 0; i < views[0]->n_dims; i++)
    {
      self.n *= views[0]->shape[i];
      if (views[0]->shape[i] == 1)
        continue;
      self.shape[self.n_dims] = views[0]->shape[i];
      for (int k = 0; k < N; k++)
        self.stride[k][self.n_dims] = views[k]->stride[i] * tpd_element_size (views[k]->dtype);
      self.n_dims++;
    }
  for (int i = 1; i < self.n_dims; i++)
    for (int j = i; j > 0 && self.stride[0][j] > self.stride[0][j - 1]; j--)
      tpd_space_exchange (&self, j, j - 1);
  tpd_space_merge (&self);
  if (self.n_dims == 0)
    {
      self.n_dims = 1;
      self.shape[0] = 1;
    }
  return self;
}

/* Where element number i of every operand lies, in bytes from its data. */
template <int N>
static __device__ __forceinline__ void
tpd_space_offsets (const TpdSpace<N> &self, int64_t i, int64_t offset[N])
{
  for (int k = 0; k < N; k++)
    offset[k] = 0;
  for (int dim = self.n_dims - 1; dim > 0; dim--)
    {
      int64_t rest, index;

      /* 64-bit division is a subroutine of some hundred instructions. */
      if (self.n <= UINT32_MAX)
        rest = (uint32_t)i / (uint32_t)self.shape[dim];
      else
        rest = i / self.shape[dim];
      index = i - rest * self.shape[dim];
      for (int k = 0; k < N; k++)
        offset[k] += index * self.stride[k][dim];
      i = rest;
    }
  for (int k = 0; k < N; k++)
    offset[k] += i * self.stride[k][0];
}
