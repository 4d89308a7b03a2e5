/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-op-private.h"

#include <string.h>

/* Embeddings of tokens and of diffusion times. */

static gint64
n_ids (const TpdTensor *ids)
{
  return tpd_tensor_n_elements (ids);
}

/* in: table   saved: ids. Rows of the table that many ids name get the sum of their gradients. */
static void
embedding_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *dtable = tpd_grad_buffer (ctx, node->in[0]), *ids = node->saved[0];
  TpdView dy_rows, id_list;

  if (tpd_context_failed (ctx))
    return;
  dy_rows = tpd_op_seen_as (node->out->grad, TPD_SHAPE (n_ids (ids), dtable->view.shape[1]));
  id_list = tpd_op_seen_as (ids, TPD_SHAPE (n_ids (ids)));
  TPD_RUN (ctx, embedding_bwd, &dtable->view, &dy_rows, &id_list);
}

TpdTensor *
tpd_embedding (TpdContext *ctx, TpdTensor *table, TpdTensor *ids)
{
  gint64 shape[TPD_MAX_DIMS];
  int n_dims = ids->view.n_dims;
  TpdView y_rows, id_list;
  TpdTensor *y;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "embedding", "table", table) ||
      !tpd_op_check_shape (ctx, "embedding", "table", table, TPD_SHAPE (-1, -1)) ||
      !tpd_op_check_dtype (ctx, "embedding", "ids", ids, TPD_I32) ||
      !tpd_op_check (ctx, n_dims < TPD_MAX_DIMS, "embedding",
                     "ids has %d dimensions, expected fewer", n_dims))
    return table;
  ids = tpd_contiguous (ctx, ids);
  memcpy (shape, ids->view.shape, sizeof shape);
  shape[n_dims] = table->view.shape[1];
  y = tpd_op_output (ctx, table->view.dtype, n_dims + 1, shape);
  if (tpd_context_failed (ctx))
    return table;

  y_rows = tpd_op_seen_as (y, TPD_SHAPE (n_ids (ids), table->view.shape[1]));
  id_list = tpd_op_seen_as (ids, TPD_SHAPE (n_ids (ids)));
  TPD_RUN (ctx, embedding, &y_rows, &table->view, &id_list);
  node = tpd_tape_record (ctx, embedding_backward, y, &table, 1);
  if (node != NULL)
    tpd_node_save (node, 0, ids);
  return y;
}

TpdTensor *
tpd_timestep_embed (TpdContext *ctx, TpdTensor *t, gint64 channels, double shift)
{
  TpdTensor *y;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "timestep_embed", "t", t) ||
      !tpd_op_check_shape (ctx, "timestep_embed", "t", t, TPD_SHAPE (-1)) ||
      !tpd_op_check (ctx, channels > 0 && channels % 2 == 0, "timestep_embed",
                     "%" G_GINT64_FORMAT " channels, expected an even number", channels) ||
      !tpd_op_check (ctx, (double)channels / 2 > shift, "timestep_embed",
                     "%" G_GINT64_FORMAT " channels are too few for a shift of %g", channels,
                     shift))
    return t;
  y = tpd_op_output (ctx, t->view.dtype, TPD_SHAPE (t->view.shape[0], channels));
  TPD_RUN (ctx, timestep_embed, &y->view, &t->view, shift);
  return y;
}
