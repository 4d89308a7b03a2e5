/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tensor-fixture.h"

#include <string.h>

static TpdTensor *
parameter (TpdContext *ctx, guint64 seed, int n_dims, const gint64 *shape)
{
  TpdTensor *x = random_tensor (ctx, seed, n_dims, shape);

  x->requires_grad = TRUE;
  return x;
}

static void
assert_same_bytes (TpdContext *ctx, TpdTensor *a, TpdTensor *b)
{
  g_autofree double *a_data = elements (ctx, a);
  g_autofree double *b_data = elements (ctx, b);
  gsize bytes = (gsize)tpd_tensor_n_elements (a) * sizeof (double);

  g_assert_true (tpd_tensor_same_shape (a, b));
  g_assert_cmpmem (a_data, bytes, b_data, bytes);
}

/* ── what gets a gradient ── */

static void
test_nothing_recorded (Fixture *fixture, gconstpointer data)
{
  TpdTensor *x = counting (fixture->ctx, TPD_SHAPE (3)),
            *p = parameter (fixture->ctx, 1, TPD_SHAPE (3));
  TpdTensor *without_tape = tpd_mul (fixture->ctx, x, p), *without_parameter;

  tpd_tape_begin (fixture->ctx);
  without_parameter = tpd_mul (fixture->ctx, x, x);
  g_assert_false (without_tape->requires_grad);
  g_assert_false (without_parameter->requires_grad);
  tpd_tape_discard (fixture->ctx);
  g_assert_null (p->grad);
}

static void
test_inputs_get_none (Fixture *fixture, gconstpointer data)
{
  TpdTensor *x = counting (fixture->ctx, TPD_SHAPE (3)),
            *p = parameter (fixture->ctx, 1, TPD_SHAPE (3));
  TpdTensor *y;

  tpd_tape_begin (fixture->ctx);
  y = tpd_mul (fixture->ctx, x, p);
  tpd_tape_backward (fixture->ctx, tpd_mean (fixture->ctx, y), 3);
  g_assert_null (x->grad);
  g_assert_null (y->grad); /* gradients of intermediate tensors are gone after the walk */
  assert_elements (fixture->ctx, p->grad, 0, 1, 2);
}

/* A branch that the loss does not depend on. */
static void
test_unused_branch (Fixture *fixture, gconstpointer data)
{
  TpdTensor *p = parameter (fixture->ctx, 1, TPD_SHAPE (2)),
            *q = parameter (fixture->ctx, 2, TPD_SHAPE (2));

  tpd_tape_begin (fixture->ctx);
  tpd_mul (fixture->ctx, q, q);
  tpd_tape_backward (fixture->ctx, tpd_mean (fixture->ctx, p), 2);
  assert_elements (fixture->ctx, p->grad, 1, 1);
  g_assert_null (q->grad);
}

/* ── sharing ── */

/* x is used four times, once through itself. */
static TpdTensor *
shared (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *square = tpd_mul (ctx, in[0], in[0]);

  return tpd_add (ctx, tpd_add (ctx, square, in[0]), tpd_mul (ctx, square, in[0]));
}

/* add hands the same gradient to both of its inputs, and one of them is added to afterwards. */
static TpdTensor *
adopted (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *sum = tpd_add (ctx, in[0], in[1]);

  return tpd_add (ctx, tpd_add (ctx, sum, in[0]), tpd_mul (ctx, sum, in[1]));
}

static void
test_shared_inputs (Fixture *fixture, gconstpointer data)
{
  TpdTensor *in[] = {random_tensor (fixture->ctx, 1, TPD_SHAPE (2, 3)),
                     random_tensor (fixture->ctx, 2, TPD_SHAPE (2, 3))};

  assert_gradients (fixture->ctx, shared, in, 1);
  assert_gradients (fixture->ctx, adopted, in, 2);
}

/* Gradients of two backward passes add up, each with its own scale, and a gradient that somebody
 * holds on to stays what it was. */
static void
test_accumulation (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *p = parameter (ctx, 1, TPD_SHAPE (4));
  g_autoptr (TpdTensor) first = NULL;

  tpd_tape_begin (ctx);
  tpd_tape_backward (ctx, tpd_mean (ctx, p), 4);
  assert_elements (ctx, p->grad, 1, 1, 1, 1);
  first = tpd_tensor_ref (p->grad);
  tpd_tape_begin (ctx);
  tpd_tape_backward (ctx, tpd_mean (ctx, tpd_scale (ctx, p, 3)), 8);
  assert_elements (ctx, p->grad, 7, 7, 7, 7);
  assert_elements (ctx, first, 1, 1, 1, 1);
  tpd_tensor_clear_grad (p);
  g_assert_null (p->grad);
}

/* Two parameters that were added have one gradient between them; adding to one leaves the other. */
static void
test_adopted_gradient_is_not_shared (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *p = parameter (ctx, 1, TPD_SHAPE (2)), *q = parameter (ctx, 2, TPD_SHAPE (2));

  tpd_tape_begin (ctx);
  tpd_tape_backward (ctx, tpd_mean (ctx, tpd_add (ctx, p, q)), 2);
  tpd_tape_begin (ctx);
  tpd_tape_backward (ctx, tpd_mean (ctx, p), 2);
  assert_elements (ctx, p->grad, 2, 2);
  assert_elements (ctx, q->grad, 1, 1);
}

/* ── failures ── */

static void
test_failure_while_recording (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *p = parameter (ctx, 1, TPD_SHAPE (2)), *q = parameter (ctx, 2, TPD_SHAPE (3)), *y;

  tpd_tape_begin (ctx);
  y = tpd_mean (ctx, tpd_mul (ctx, tpd_scale (ctx, p, 2), q));
  tpd_tape_backward (ctx, y, 1);
  g_assert_null (tpd_context_get_tape (ctx));
  g_assert_null (p->grad);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "mul: b has shape [3], expected [2]");
}

/* A context that dies with a tape takes it along. */
static void
test_abandoned_tape (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = tpd_context_new (fixture->device, NULL);
  TpdTensor *p = parameter (ctx, 1, TPD_SHAPE (2));

  tpd_tape_begin (ctx);
  tpd_scale (ctx, p, 2);
  g_assert_finalize_object (ctx);
}

/* ── checkpointing ── */

/* The parameters that the block reads besides its inputs. */
typedef struct
{
  TpdTensor *w1, *w2;
} Block;

static TpdTensor *
block (TpdContext *ctx, TpdTensor *const *in, gpointer data)
{
  const Block *self = data;
  TpdTensor *h = tpd_linear (ctx, in[0], self->w1, NULL);

  h = tpd_linear (ctx, tpd_act (ctx, h, TPD_ACT_SILU), self->w2, NULL);
  return tpd_add (ctx, h, in[2] != NULL ? tpd_mul (ctx, in[0], in[2]) : in[0]);
}

/* Two blocks, one after the other. Inputs: x, nothing, a second tensor or nothing. */
static TpdTensor *
run (TpdContext *ctx, Block *self, TpdTensor *x, TpdTensor *second, gboolean checkpointed)
{
  TpdTensor *in[] = {x, NULL, second};

  for (int i = 0; i < 2; i++)
    in[0] = checkpointed ? tpd_checkpoint (ctx, block, in, 3, self) : block (ctx, in, self);
  return tpd_mean (ctx, tpd_mul (ctx, in[0], in[0]));
}

/* Loss and gradients are the same to the bit. */
static void
test_checkpoint (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;

  for (int with_second = 0; with_second < 2; with_second++)
    {
      TpdTensor *leaves[4] = {
          parameter (ctx, 1, TPD_SHAPE (5, 3)), parameter (ctx, 2, TPD_SHAPE (3, 5)),
          parameter (ctx, 3, TPD_SHAPE (4, 3)), parameter (ctx, 4, TPD_SHAPE (4, 3))};
      Block self = {leaves[0], leaves[1]};
      TpdTensor *loss[2], *gradients[2][4];

      for (int checkpointed = 0; checkpointed < 2; checkpointed++)
        {
          tpd_tape_begin (ctx);
          loss[checkpointed] =
              run (ctx, &self, leaves[2], with_second ? leaves[3] : NULL, checkpointed);
          tpd_tape_backward (ctx, loss[checkpointed], 1);
          for (int i = 0; i < 3 + with_second; i++)
            {
              gradients[checkpointed][i] = tpd_context_own (ctx, tpd_tensor_ref (leaves[i]->grad));
              tpd_tensor_clear_grad (leaves[i]);
            }
        }
      assert_same_bytes (ctx, loss[0], loss[1]);
      for (int i = 0; i < 3 + with_second; i++)
        assert_same_bytes (ctx, gradients[0][i], gradients[1][i]);
    }
}

/* Parameters get gradients even if no input wants one. */
static void
test_checkpoint_of_data (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  Block self = {parameter (ctx, 1, TPD_SHAPE (5, 3)), parameter (ctx, 2, TPD_SHAPE (3, 5))};
  TpdTensor *x = random_tensor (ctx, 3, TPD_SHAPE (4, 3));

  tpd_tape_begin (ctx);
  tpd_tape_backward (ctx, run (ctx, &self, x, NULL, TRUE), 1);
  g_assert_nonnull (self.w1->grad);
  g_assert_nonnull (self.w2->grad);
  g_assert_null (x->grad);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/tape/nothing-recorded", test_nothing_recorded);
  fixture_add ("/tape/inputs-get-none", test_inputs_get_none);
  fixture_add ("/tape/unused-branch", test_unused_branch);
  fixture_add ("/tape/shared-inputs", test_shared_inputs);
  fixture_add ("/tape/accumulation", test_accumulation);
  fixture_add ("/tape/adopted-gradient-is-not-shared", test_adopted_gradient_is_not_shared);
  fixture_add ("/tape/failure-while-recording", test_failure_while_recording);
  fixture_add ("/tape/abandoned", test_abandoned_tape);
  fixture_add ("/tape/checkpoint", test_checkpoint);
  fixture_add ("/tape/checkpoint-of-data", test_checkpoint_of_data);
  return g_test_run ();
}
