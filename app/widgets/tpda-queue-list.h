/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-generator.h"

G_BEGIN_DECLS

/* The clips that wait to be made, to be put into another order, by buttons or by dragging, or taken
 * out. Invisible while none waits. */
#define TPDA_TYPE_QUEUE_LIST (tpda_queue_list_get_type ())
G_DECLARE_FINAL_TYPE (TpdaQueueList, tpda_queue_list, TPDA, QUEUE_LIST, AdwBin)

void tpda_queue_list_set_generator (TpdaQueueList *self, TpdaGenerator *generator);

G_END_DECLS
