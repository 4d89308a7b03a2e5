/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-context-private.h"

#include "tpd-tape.h"

struct _TpdTape
{
  GPtrArray *nodes; /* owned TpdNode */
};

static void
node_free (gpointer data)
{
  TpdNode *node = data;

  for (int i = 0; i < TPD_NODE_MAX_INPUTS; i++)
    g_clear_pointer (&node->in[i], tpd_tensor_unref);
  for (int i = 0; i < TPD_NODE_MAX_SAVED; i++)
    g_clear_pointer (&node->saved[i], tpd_tensor_unref);
  g_clear_pointer (&node->out, tpd_tensor_unref);
  if (node->free_data != NULL)
    node->free_data (node->data);
  g_free (node);
}

static TpdTape *
tape_new (void)
{
  TpdTape *tape = g_new (TpdTape, 1);

  tape->nodes = g_ptr_array_new_with_free_func (node_free);
  return tape;
}

static void
tape_free (TpdTape *tape)
{
  g_ptr_array_unref (tape->nodes);
  g_free (tape);
}

void
tpd_tape_begin (TpdContext *ctx)
{
  g_return_if_fail (tpd_context_get_tape (ctx) == NULL);
  tpd_context_set_tape (ctx, tape_new ());
}

void
tpd_tape_discard (TpdContext *ctx)
{
  TpdTape *tape = tpd_context_get_tape (ctx);

  g_return_if_fail (tape != NULL);
  tpd_context_set_tape (ctx, NULL);
  tape_free (tape);
}

TpdNode *
tpd_tape_record (TpdContext *ctx, TpdBackwardFunc backward, TpdTensor *out, TpdTensor *const *in,
                 int n_in)
{
  TpdTape *tape = tpd_context_get_tape (ctx);
  gboolean wanted = FALSE;
  TpdNode *node;

  g_assert (n_in <= TPD_NODE_MAX_INPUTS);
  if (tape == NULL || tpd_context_failed (ctx))
    return NULL;
  for (int i = 0; i < n_in; i++)
    wanted |= in[i] != NULL && in[i]->requires_grad;
  if (!wanted)
    return NULL;

  node = g_new0 (TpdNode, 1);
  node->backward = backward;
  node->out = tpd_tensor_ref (out);
  for (int i = 0; i < n_in; i++)
    node->in[i] = in[i] != NULL ? tpd_tensor_ref (in[i]) : NULL;
  out->requires_grad = TRUE;
  g_ptr_array_add (tape->nodes, node);
  return node;
}

void
tpd_node_save (TpdNode *node, int i, TpdTensor *tensor)
{
  g_assert (i < TPD_NODE_MAX_SAVED && node->saved[i] == NULL);
  node->saved[i] = tpd_tensor_ref (tensor);
}

gboolean
tpd_grad_wanted (const TpdNode *node, int i)
{
  return node->in[i] != NULL && node->in[i]->requires_grad;
}

static gboolean
is_unshared (TpdTensor *tensor)
{
  return g_atomic_ref_count_compare (&tensor->ref_count, 1) &&
         g_atomic_ref_count_compare (&tensor->storage->ref_count, 1);
}

TpdTensor *
tpd_grad_buffer (TpdContext *ctx, TpdTensor *x)
{
  const TpdOpTable *ops = tpd_context_ops (ctx);
  TpdExec *exec = tpd_context_get_exec (ctx);
  TpdTensor *buffer;

  if (tpd_context_failed (ctx))
    return x;
  if (x->grad != NULL && is_unshared (x->grad))
    return x->grad;
  buffer = tpd_tensor_new (ctx, x->view.dtype, x->view.n_dims, x->view.shape);
  if (!tpd_context_failed (ctx))
    {
      if (x->grad != NULL)
        ops->copy (exec, &buffer->view, &x->grad->view);
      else
        ops->fill (exec, &buffer->view, 0);
    }
  g_clear_pointer (&x->grad, tpd_tensor_unref);
  return x->grad = buffer;
}

void
tpd_grad_add (TpdContext *ctx, TpdTensor *x, TpdTensor *g)
{
  if (tpd_context_failed (ctx) || !x->requires_grad)
    return;
  g_assert (tpd_tensor_same_shape (x, g));
  if (x->grad == NULL && tpd_tensor_is_contiguous (g))
    x->grad = tpd_tensor_ref (g);
  else if (x->grad == NULL)
    {
      TpdTensor *buffer = tpd_tensor_new (ctx, g->view.dtype, g->view.n_dims, g->view.shape);

      if (!tpd_context_failed (ctx))
        tpd_context_ops (ctx)->copy (tpd_context_get_exec (ctx), &buffer->view, &g->view);
      x->grad = buffer;
    }
  else
    {
      TpdTensor *buffer = tpd_grad_buffer (ctx, x);

      if (!tpd_context_failed (ctx))
        tpd_context_ops (ctx)->axpby (tpd_context_get_exec (ctx), 1, &g->view, 1, &buffer->view);
    }
}

void
tpd_tensor_clear_grad (TpdTensor *self)
{
  g_clear_pointer (&self->grad, tpd_tensor_unref);
}

/* Runs the nodes in reverse. Each one is freed once done, so that memory falls as the walk
 * proceeds. */
static void
walk (TpdContext *ctx, TpdTape *tape)
{
  for (guint i = tape->nodes->len; i-- > 0 && !tpd_context_failed (ctx);)
    {
      TpdNode *node = g_ptr_array_index (tape->nodes, i);

      if (node->out->grad != NULL)
        {
          tpd_context_push_scope (ctx);
          node->backward (ctx, node);
          tpd_context_pop_scope (ctx, NULL);
        }
      tpd_tensor_clear_grad (node->out);
      g_ptr_array_set_size (tape->nodes, i);
    }
  tape_free (tape);
}

void
tpd_tape_backward (TpdContext *ctx, TpdTensor *loss, double scale)
{
  TpdTape *tape = tpd_context_get_tape (ctx);
  TpdTensor *grad;

  g_return_if_fail (tape != NULL);
  tpd_context_set_tape (ctx, NULL);
  g_assert (tpd_context_failed (ctx) || tpd_tensor_n_elements (loss) == 1);
  grad = tpd_grad_buffer (ctx, loss);
  if (!tpd_context_failed (ctx))
    tpd_context_ops (ctx)->fill (tpd_context_get_exec (ctx), &grad->view, scale);
  walk (ctx, tape);
}

/* ── activation checkpointing ── */

typedef struct
{
  TpdCheckpointFunc func;
  gpointer data; /* borrowed */
  int n_in;
} Checkpoint;

/* Stands for input i while the function is run again: same data, a gradient of its own. */
static TpdTensor *
detached (TpdContext *ctx, TpdTensor *x)
{
  TpdTensor *copy = g_new0 (TpdTensor, 1);

  g_atomic_ref_count_init (&copy->ref_count);
  copy->view = x->view;
  copy->storage = tpd_storage_ref (x->storage);
  copy->requires_grad = x->requires_grad;
  return tpd_context_own (ctx, copy);
}

static void
checkpoint_backward (TpdContext *ctx, TpdNode *node)
{
  Checkpoint *checkpoint = node->data;
  TpdTensor *in[TPD_NODE_MAX_INPUTS] = {NULL};
  TpdTape *tape = tape_new ();
  TpdTensor *out;

  for (int i = 0; i < checkpoint->n_in; i++)
    in[i] = node->in[i] != NULL ? detached (ctx, node->in[i]) : NULL;
  tpd_context_set_tape (ctx, tape);
  out = checkpoint->func (ctx, in, checkpoint->data);
  tpd_context_set_tape (ctx, NULL);
  tpd_grad_add (ctx, out, node->out->grad);
  walk (ctx, tape);
  for (int i = 0; i < checkpoint->n_in; i++)
    if (in[i] != NULL && in[i]->grad != NULL)
      tpd_grad_add (ctx, node->in[i], in[i]->grad);
}

TpdTensor *
tpd_checkpoint (TpdContext *ctx, TpdCheckpointFunc func, TpdTensor *const *in, int n_in,
                gpointer data)
{
  TpdTape *tape = tpd_context_get_tape (ctx);
  Checkpoint *checkpoint;
  TpdTensor *out;
  TpdNode *node;

  if (tape == NULL)
    return func (ctx, in, data);

  g_assert (n_in <= TPD_NODE_MAX_INPUTS);
  tpd_context_set_tape (ctx, NULL);
  tpd_context_push_scope (ctx);
  out = tpd_context_pop_scope (ctx, func (ctx, in, data));
  tpd_context_set_tape (ctx, tape);
  if (tpd_context_failed (ctx))
    return out;

  checkpoint = g_new (Checkpoint, 1);
  *checkpoint = (Checkpoint){func, data, n_in};
  node = g_new0 (TpdNode, 1);
  node->backward = checkpoint_backward;
  node->out = tpd_tensor_ref (out);
  for (int i = 0; i < n_in; i++)
    node->in[i] = in[i] != NULL ? tpd_tensor_ref (in[i]) : NULL;
  node->data = checkpoint;
  node->free_data = g_free;
  out->requires_grad = TRUE; /* parameters inside may want gradients even if no input does */
  g_ptr_array_add (tape->nodes, node);
  return out;
}
