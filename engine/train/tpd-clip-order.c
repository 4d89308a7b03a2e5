/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-clip-order.h"

#include "../core/tpd-random.h"

/* Four rounds make a Feistel network a good permutation (Luby & Rackoff 1988). */
#define ROUNDS 4

/* A permutation of 0 … 2^(2·half) − 1: a Feistel network with Philox as its round function. */
static guint64
feistel (guint64 seed, guint half, guint64 x)
{
  const guint64 mask = (1ull << half) - 1;
  guint64 left = x >> half;
  guint64 right = x & mask;

  for (guint round = 0; round < ROUNDS; round++)
    {
      guint32 bits[4];
      guint64 old = right;

      tpd_random_block (seed, right << 3 | round, bits);
      right = left ^ (bits[0] & mask);
      left = old;
    }
  return left << half | right;
}

guint
tpd_clip_order (guint64 seed, guint n, guint64 i)
{
  const guint64 epoch = i / n;
  guint64 x = i % n;
  guint half = 1;

  if (epoch == 0)
    return x;
  while ((1ull << 2 * half) < n)
    half++;
  /* Walk along the cycle until inside again: a permutation of 0 … n − 1 (Black & Rogaway 2002). */
  do
    x = feistel (tpd_random_fork (seed, epoch), half, x);
  while (x >= n);
  return x;
}
