/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Fibers: functions with a stack of their own that take turns by name. */
typedef struct _TpdFiber TpdFiber;

/* A fiber that calls entry (data), which never returns, when it is first switched to. */
TpdFiber *tpd_fiber_new (void (*entry) (void *data), void *data);

/* The caller's own stack as a fiber, to come back to. */
TpdFiber *tpd_fiber_new_for_caller (void);

void tpd_fiber_free (TpdFiber *self);

/* Leaves `from`, the running fiber, for `to`; returns when somebody switches back. */
void tpd_fiber_switch (TpdFiber *from, TpdFiber *to);
