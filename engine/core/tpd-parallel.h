/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Work of one part of a parallel loop: items begin … end − 1. `thread` < tpd_parallel_n_threads ().
 */
typedef void (*TpdParallelFunc) (gint64 begin, gint64 end, guint thread, gpointer data);

/* Runs func over 0 … n − 1, split into parts of at least `grain` items, on all cores; returns when
 * all are done. The parts are fixed by n, grain and the number of threads, but which thread runs a
 * part is not: reduce per part, not per thread, and results repeat. Calls from inside func run
 * serially; calls from several threads take turns. */
void tpd_parallel_for (gint64 n, gint64 grain, TpdParallelFunc func, gpointer data);

/* Number of threads that tpd_parallel_for() uses: TPDIFF_THREADS, else the number of cores. */
guint tpd_parallel_n_threads (void);

G_END_DECLS
