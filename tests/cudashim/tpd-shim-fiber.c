/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-shim-fiber.h"

#include <glib.h>
#include <setjmp.h>
#include <ucontext.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#define START_SWITCH(self, to)                                                                     \
  __sanitizer_start_switch_fiber (&(self)->fake_stack, (to)->stack, (to)->size)
#define FINISH_SWITCH(self, from)                                                                  \
  __sanitizer_finish_switch_fiber ((self)->fake_stack, &(from)->stack, &(from)->size)
#else
#define START_SWITCH(self, to)
#define FINISH_SWITCH(self, from)
#endif

#define STACK_BYTES (128 * 1024)

struct _TpdFiber
{
  gpointer memory;   /* owned; NULL for the caller's */
  const void *stack; /* its bounds, for asan; of the caller's known after the first switch */
  gsize size;
  gpointer fake_stack; /* asan's */
  gboolean started;
  TpdFiber *from; /* who switched here */
  void (*entry) (void *data);
  gpointer data;
  ucontext_t start;
  jmp_buf env;
};

/* makecontext() passes integers only. */
static TpdFiber *starting;

static void
run (void)
{
  TpdFiber *self = starting;

  FINISH_SWITCH (self, self->from);
  self->entry (self->data);
  g_assert_not_reached ();
}

TpdFiber *
tpd_fiber_new (void (*entry) (void *data), void *data)
{
  TpdFiber *self = g_new0 (TpdFiber, 1);

  self->memory = g_malloc (STACK_BYTES);
  self->stack = self->memory;
  self->size = STACK_BYTES;
  self->entry = entry;
  self->data = data;
  getcontext (&self->start);
  self->start.uc_stack.ss_sp = self->memory;
  self->start.uc_stack.ss_size = STACK_BYTES;
  makecontext (&self->start, run, 0);
  return self;
}

TpdFiber *
tpd_fiber_new_for_caller (void)
{
  TpdFiber *self = g_new0 (TpdFiber, 1);

  self->started = TRUE;
  return self;
}

void
tpd_fiber_free (TpdFiber *self)
{
  g_free (self->memory);
  g_free (self);
}

/* swapcontext() asks the kernel for the signal mask each time, _longjmp() does not: contexts only
 * start fibers. */
void
tpd_fiber_switch (TpdFiber *from, TpdFiber *to)
{
  to->from = from;
  START_SWITCH (from, to);
  if (_setjmp (from->env) == 0)
    {
      if (to->started)
        _longjmp (to->env, 1);
      to->started = TRUE;
      starting = to;
      setcontext (&to->start);
    }
  FINISH_SWITCH (from, from->from);
}
