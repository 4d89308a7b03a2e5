/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

#include "../core/tpd-error.h"

/* Row of the table that ids[n] names, or -1 after recording an error: ids may come from anywhere.
 */
static int64_t
row_of (TpdExec *exec, const TpdView *ids, int64_t n, int64_t n_rows)
{
  int64_t id = (int64_t)TPD_GET (ids, n);

  if (id >= 0 && id < n_rows)
    return id;
  exec->fail (exec, TPD_ERROR_INVALID_ARGUMENT, "embedding: an id is outside the table");
  return -1;
}

void
tpd_cpu_embedding (TpdExec *exec, const TpdView *y, const TpdView *table, const TpdView *ids)
{
  for (int64_t n = 0; n < y->shape[0]; n++)
    {
      int64_t row = row_of (exec, ids, n, table->shape[0]);

      for (int64_t c = 0; c < y->shape[1]; c++)
        TPD_SET (y, row >= 0 ? TPD_GET (table, row, c) : 0, n, c);
    }
}

void
tpd_cpu_embedding_bwd (TpdExec *exec, const TpdView *dtable, const TpdView *dy, const TpdView *ids)
{
  for (int64_t n = 0; n < dy->shape[0]; n++)
    {
      int64_t row = row_of (exec, ids, n, dtable->shape[0]);

      for (int64_t c = 0; c < dy->shape[1] && row >= 0; c++)
        TPD_SET (dtable, TPD_GET (dtable, row, c) + TPD_GET (dy, n, c), row, c);
    }
}
