/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "check.h"

struct _TpdCheck
{
  const char *op;
  TpdContext *reference; /* owned; on the CPU, runs the reference kernels */
  TpdContext *context;   /* owned; on the device under test */
  gboolean bench;
  gboolean json;
  double ceiling_flops; /* measured once, 0 before */
  double ceiling_bytes;

  /* state of the op at hand */
  guint n_cases;
  guint n_failures;
};

/* How the elements of an operand lie in memory. */
typedef enum
{
  LAYOUT_CONTIGUOUS,
  LAYOUT_PADDED,    /* gaps after each row and block, not aligned */
  LAYOUT_PERMUTED,  /* outer dimensions in reverse order */
  LAYOUT_REVERSED,  /* all dimensions in reverse order, and every second place is a gap */
  LAYOUT_BROADCAST, /* inputs repeat along one dimension */
  LAYOUT_MIXED,     /* another one of the above for each operand */
  N_LAYOUTS,
} Layout;

extern const char *const layout_names[N_LAYOUTS];

/* An operand in host memory: its elements, and guard bytes around and between them. */
typedef struct
{
  TpdView view;  /* data points into block */
  guint8 *block; /* owned */
  gsize n_bytes;
} Block;

/* Makes block i of an operand: inputs get random numbers, outputs NaN. */
void block_init (Block *self, const TpdCheckOperand *operand, Layout layout, guint i);
void block_clear (Block *self);

/* Writes the guard pattern into `bytes`, except where elements of self lie, which are left alone.
 */
void block_fill_guards (const Block *self, guint i, guint8 *bytes);

/* The operands with T replaced by dtype. Free with g_free(). */
TpdCheckOperand *operands_for (const TpdCheckOperand *operands, guint n, TpdDtype dtype);

/* Runs func on the device under test: uploads the blocks, runs, downloads. `alias`: index of the
 * operand whose memory operand `aliased` uses, or both -1. */
gboolean run_on_device (TpdCheck *check, TpdCheckFunc func, gconstpointer attrs, Block *blocks,
                        guint n, int aliased, int alias);

/* Runs func with the reference kernels, in place. */
gboolean run_reference (TpdCheck *check, TpdCheckFunc func, gconstpointer attrs, Block *blocks,
                        guint n);

/* Index of the operand of that name, or -1. */
int operand_named (const TpdCheckOperand *operands, guint n, const char *name);

/* Multiply-adds in f32 that all cores of the host can do in a second, times two; measured. */
double cpu_peak_flops (void);
