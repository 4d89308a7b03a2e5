/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/tpd-context.h"
#include "cpu/tpd-cpu.h"

/* One check an op, in a file of the op's name: void check_<op> (TpdCheck *check). It describes the
 * op's operands once, as a table, and how to call the op with them. From that the harness
 *
 *  - runs the op of the device under test and the reference kernel on the same numbers, for every
 *    float dtype and in many memory layouts, and compares;
 *  - checks that nothing but the elements of the outputs was written, that every one of them was,
 *    that a second run gives the same bytes, and that outputs may alias inputs where they may;
 *  - for a backward op, compares the reference's gradients with finite differences in f64;
 *  - with --bench, measures time.
 */
typedef struct _TpdCheck TpdCheck;

#define TPD_OP(op, ...) void check_##op (TpdCheck *check);
#include "ops/tpd-ops.def"
#undef TPD_OP

typedef enum
{
  TPD_CHECK_T,    /* each float dtype in turn */
  TPD_CHECK_STAT, /* f64 if T is, else f32 */
  TPD_CHECK_F32,
  TPD_CHECK_I32,
} TpdCheckType;

typedef enum
{
  TPD_CHECK_IN = 1 << 0,
  TPD_CHECK_OUT = 1 << 1, /* with IN: read, then overwritten */
  TPD_CHECK_CONTIGUOUS = 1 << 2,
  TPD_CHECK_UNIT_INNER = 1 << 3, /* the last dimension has stride 1 */
  TPD_CHECK_POSITIVE = 1 << 4,   /* numbers in (0.1, 1.1) instead of N (0, 1) */
  TPD_CHECK_VARIED = 1 << 5,     /* never broadcast along the last dimension */
} TpdCheckFlags;

/* Names tie gradients to what they belong to: an input "dy" is the gradient that arrives for the
 * output "y", an output "dx" is the gradient of the input "x". */
typedef struct
{
  const char *name;
  TpdCheckType type;
  TpdCheckFlags flags;
  int n_dims;
  gint64 shape[TPD_MAX_DIMS];
  gint64 limit; /* integers are in [0, limit) */
  const char
      *may_alias[2]; /* inputs, of the same type and shape, whose memory an output may share */
  TpdDtype dtype;    /* set by the harness */
} TpdCheckOperand;

/* Operands in line: IN ("x", T, 0, rows, channels) */
#define IN(name, type, flags, ...)                                                                 \
  TPD_CHECK_OPERAND (name, type, TPD_CHECK_IN | (flags), __VA_ARGS__)
#define OUT(name, type, flags, ...)                                                                \
  TPD_CHECK_OPERAND (name, type, TPD_CHECK_OUT | (flags), __VA_ARGS__)
#define TPD_CHECK_OPERAND(name, type, flags, ...)                                                  \
  {                                                                                                \
    name, type, (TpdCheckFlags)(flags), (int)(sizeof ((gint64[]){__VA_ARGS__}) / sizeof (gint64)), \
    {                                                                                              \
      __VA_ARGS__                                                                                  \
    }                                                                                              \
  }

#define T    TPD_CHECK_T
#define STAT TPD_CHECK_STAT

/* Calls the op, and first the ops that make its inputs; v[i] is operand i. */
typedef void (*TpdCheckFunc) (const TpdOpTable *ops, TpdExec *exec, const TpdView *v,
                              gconstpointer attrs);

/* Compares, in all dtypes and layouts. */
void tpd_check_op (TpdCheck *check, TpdCheckFunc func, gconstpointer attrs,
                   const TpdCheckOperand *operands, guint n);

/* Compares the gradients among the outputs with finite differences of the sum of <dy, y> over all
 * outputs y that have one. The reference, in f64. */
void tpd_check_gradients (TpdCheck *check, TpdCheckFunc func, gconstpointer attrs,
                          const TpdCheckOperand *operands, guint n);

/* Both of these. */
void tpd_check_backward (TpdCheck *check, TpdCheckFunc func, gconstpointer attrs,
                         const TpdCheckOperand *operands, guint n);

/* With --bench, measures a call in f32 on contiguous operands. flops = 0: the op is bound by
 * memory, and what counts is the bytes of its operands. */
void tpd_check_bench (TpdCheck *check, const char *label, double flops, TpdCheckFunc func,
                      gconstpointer attrs, const TpdCheckOperand *operands, guint n);

/* A failure that the table cannot express. */
void tpd_check_fail (TpdCheck *check, const char *format, ...) G_GNUC_PRINTF (2, 3);
