/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Counter-based random numbers: Philox 4×32-10, Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", 2011. Number i of a stream depends on (seed, i) alone, so streams need no state, can be
 * resumed anywhere, and give the same integers on every device. Plain C: nvcc includes this file.
 */

#include <math.h>
#include <stdint.h>

#ifdef __CUDACC__
#define TPD_HOST_DEVICE __host__ __device__
#else
#define TPD_HOST_DEVICE
#endif

/* out = philox4x32_10 (counter, key) */
TPD_HOST_DEVICE static inline void
tpd_philox (const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];

  for (int round = 0; round < 10; round++)
    {
      uint64_t p0 = (uint64_t)0xD2511F53u * c0;
      uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;

      c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
      c1 = (uint32_t)p1;
      c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
      c3 = (uint32_t)p0;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/* Four 32-bit integers: block `block` of stream `seed`. */
TPD_HOST_DEVICE static inline void
tpd_random_block (uint64_t seed, uint64_t block, uint32_t out[4])
{
  const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), 0, 0};
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};

  tpd_philox (counter, key, out);
}

/* A pair of standard normal numbers from two integers (Box–Muller). Never infinite: u is in (0, 1].
 */
TPD_HOST_DEVICE static inline void
tpd_box_muller (uint32_t a, uint32_t b, float out[2])
{
  float u = ((float)(a >> 8) + 1.0f) * 0x1p-24f;
  float angle = (float)(b >> 8) * (6.28318530717958647692f * 0x1p-24f);
  float radius = sqrtf (-2.0f * logf (u));

  out[0] = radius * cosf (angle);
  out[1] = radius * sinf (angle);
}

/* Four standard normal numbers: numbers 4·block … 4·block + 3 of stream `seed`. */
TPD_HOST_DEVICE static inline void
tpd_random_normal4 (uint64_t seed, uint64_t block, float out[4])
{
  uint32_t bits[4];

  tpd_random_block (seed, block, bits);
  tpd_box_muller (bits[0], bits[1], out);
  tpd_box_muller (bits[2], bits[3], out + 2);
}

/* Number i of stream `seed`, uniform in [0, 1), 53 bits. */
TPD_HOST_DEVICE static inline double
tpd_random_uniform (uint64_t seed, uint64_t i)
{
  uint32_t bits[4];

  tpd_random_block (seed, i, bits);
  return (double)(((uint64_t)bits[0] << 32 | bits[1]) >> 11) * 0x1p-53;
}

/* A stream of its own for purpose `tag` of `seed`: streams with different tags are independent. */
TPD_HOST_DEVICE static inline uint64_t
tpd_random_fork (uint64_t seed, uint64_t tag)
{
  const uint32_t counter[4] = {(uint32_t)tag, (uint32_t)(tag >> 32), 0x666f726bu, 0};
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  uint32_t out[4];

  tpd_philox (counter, key, out);
  return (uint64_t)out[1] << 32 | out[0];
}
