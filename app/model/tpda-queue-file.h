/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-generator.h"

G_BEGIN_DECLS

/* The jobs that wait for a generator, kept across restarts in the key `queue` (settings records).
 * The job that runs is not among them: were it what crashes the program, it would do so again. */

/* Queues what was kept, and keeps what waits from now on, as long as the generator lives. What
 * cannot be made any more, because its model is gone, is dropped. */
void tpda_queue_file_follow (TpdaGenerator *generator, GSettings *settings);

G_END_DECLS
