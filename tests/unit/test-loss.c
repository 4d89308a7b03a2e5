/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-loss.h"

#include "core/tpd-tape.h"
#include "pyramid-fixture.h"

/* Two clips of two frames of one number. */
static const double OUTPUT[] = {1, 2, 3, 4};
static const double TARGET[] = {1, 4, 0, 5};

static void
test_loss (Fixture *f, gconstpointer data)
{
  TpdTensor *output = clip_of (f->ctx, TPD_SHAPE (2, 2, 1), OUTPUT);
  TpdTensor *target = clip_of (f->ctx, TPD_SHAPE (2, 2, 1), TARGET);

  assert_elements (f->ctx, tpd_pyramid_loss (f->ctx, output, target, FALSE), 1,
                   (double[]){(0 + 4 + 9 + 1) / 4.0}, 1e-12);
  assert_elements (f->ctx, tpd_pyramid_loss (f->ctx, output, target, TRUE), 1,
                   (double[]){(4 + 1) / 2.0}, 1e-12);
}

/* Gradients reach the output, but not through a frame that was given. */
static void
test_gradient (Fixture *f, gconstpointer data)
{
  TpdTensor *output = clip_of (f->ctx, TPD_SHAPE (2, 2, 1), OUTPUT);
  TpdTensor *target = clip_of (f->ctx, TPD_SHAPE (2, 2, 1), TARGET);

  output->requires_grad = TRUE;
  tpd_tape_begin (f->ctx);
  tpd_tape_backward (f->ctx, tpd_pyramid_loss (f->ctx, output, target, TRUE), 1);
  g_assert_nonnull (output->grad);
  assert_elements (f->ctx, output->grad, 4, (double[]){0, -2, 0, -1}, 1e-12);
}

static void
test_give_first_frame (Fixture *f, gconstpointer data)
{
  TpdTensor *x = clip_of (f->ctx, TPD_SHAPE (2, 2, 1), OUTPUT);
  TpdTensor *clip = clip_of (f->ctx, TPD_SHAPE (2, 2, 1), TARGET);

  assert_elements (f->ctx, tpd_give_first_frame (f->ctx, x, clip), 4, (double[]){1, 2, 0, 4},
                   1e-12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/loss/value", test_loss);
  fixture_add ("/loss/gradient", test_gradient);
  fixture_add ("/loss/give-first-frame", test_give_first_frame);
  return g_test_run ();
}
