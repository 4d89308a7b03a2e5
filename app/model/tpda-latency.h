/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long the main loop lets one wait: a source asks for a turn every 10 ms, at the priority of
 * events, and notes how late it gets it. That lateness is what a key or a click would have had to
 * wait. */
typedef struct _TpdaLatency TpdaLatency;

/* Begins to record, on the thread's default main context. */
TpdaLatency *tpda_latency_new (void);
void tpda_latency_free (TpdaLatency *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdaLatency, tpda_latency_free)

/* How often it has looked. */
guint tpda_latency_count (TpdaLatency *self);

/* Milliseconds that this part (0 to 1) of all waits did not exceed; 0 if there was none. */
double tpda_latency_quantile (TpdaLatency *self, double part);

/* "1204 samples, median 0.1 ms, p99 12.3 ms, worst 31.0 ms": for the debug log. */
char *tpda_latency_describe (TpdaLatency *self);

G_END_DECLS
