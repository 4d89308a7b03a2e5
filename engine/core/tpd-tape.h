/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-context.h"

G_BEGIN_DECLS

/* Reverse-mode automatic differentiation. Front doors record a node a call while a tape runs;
 * tpd_tape_backward() walks the nodes in reverse. A tensor gets a gradient if it requires one:
 * parameters, and whatever depends on them. */

#define TPD_NODE_MAX_INPUTS 8
#define TPD_NODE_MAX_SAVED  4
#define TPD_NODE_MAX_ATTRS  8

typedef struct _TpdNode TpdNode;

/* Computes gradients of node->in from node->out->grad, with tpd_grad_add(). */
typedef void (*TpdBackwardFunc) (TpdContext *ctx, TpdNode *node);

struct _TpdNode
{
  TpdBackwardFunc backward;
  TpdTensor *out;                       /* owned */
  TpdTensor *in[TPD_NODE_MAX_INPUTS];   /* owned; NULL where an optional input was left out */
  TpdTensor *saved[TPD_NODE_MAX_SAVED]; /* owned; statistics and the like */
  double attr[TPD_NODE_MAX_ATTRS];
  gpointer data; /* owned with free_data */
  GDestroyNotify free_data;
};

/** tpd_tape_begin: (skip) starts recording on @ctx. One tape at a time. */
TPD_API void tpd_tape_begin (TpdContext *ctx);

/**
 * tpd_tape_backward: (skip)
 * @loss: a tensor of one element
 *
 * Ends the recording and adds d loss · @scale / d p to the gradient of every tensor p that requires
 * one and is not the result of a node: the parameters. Gradients accumulate over calls until
 * tpd_tensor_clear_grad().
 */
TPD_API void tpd_tape_backward (TpdContext *ctx, TpdTensor *loss, double scale);

/** tpd_tape_discard: (skip) ends the recording without gradients. */
TPD_API void tpd_tape_discard (TpdContext *ctx);

/** tpd_tensor_clear_grad: (skip) */
TPD_API void tpd_tensor_clear_grad (TpdTensor *self);

/* ── activation checkpointing ── */

/* Computes one output from inputs; must read nothing else that requires a gradient but parameters.
 */
typedef TpdTensor *(*TpdCheckpointFunc) (TpdContext *ctx, TpdTensor *const *in, gpointer data);

/** tpd_checkpoint: (skip)
 * Runs @func without keeping its intermediate tensors; the backward pass runs it once more.
 * With no tape running it is a plain call. @data must outlive the tape. Chen et al. 2016. */
TPD_API TpdTensor *tpd_checkpoint (TpdContext *ctx, TpdCheckpointFunc func, TpdTensor *const *in,
                                   int n_in, gpointer data);

/* ── for op front doors ── */

/** tpd_tape_record: (skip)
 * Appends a node if a tape runs and an input requires a gradient, and marks @out.
 * Returns: (transfer none) (nullable): the node, to add what backward needs; %NULL if nothing was
 * recorded */
TPD_API TpdNode *tpd_tape_record (TpdContext *ctx, TpdBackwardFunc backward, TpdTensor *out,
                                  TpdTensor *const *in, int n_in);

/** tpd_node_save: (skip) keeps a tensor for the backward pass in slot i. */
TPD_API void tpd_node_save (TpdNode *node, int i, TpdTensor *tensor);

/** tpd_grad_wanted: (skip) whether input i needs a gradient */
TPD_API gboolean tpd_grad_wanted (const TpdNode *node, int i);

/** tpd_grad_buffer: (skip) x's gradient as a tensor to accumulate into: zeros at first, contiguous,
 * shared with nobody. Returns: (transfer none): it */
TPD_API TpdTensor *tpd_grad_buffer (TpdContext *ctx, TpdTensor *x);

/** tpd_grad_add: (skip) adds @g, shaped like @x, to x's gradient. A contiguous @g may be adopted:
 * do not write to it later. */
TPD_API void tpd_grad_add (TpdContext *ctx, TpdTensor *x, TpdTensor *g);

G_END_DECLS
