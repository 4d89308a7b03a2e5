/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "tpd-rows.h"

/* Whether all ids name rows; the reference reports those that do not. */
static gboolean
ids_are_rows (const TpdView *ids, int64_t n_rows)
{
  const int32_t *id = ids->data;

  for (int64_t n = 0; n < ids->shape[0]; n++)
    if (id[n * ids->stride[0]] < 0 || id[n * ids->stride[0]] >= n_rows)
      return FALSE;
  return TRUE;
}

static int64_t
id_at (const TpdView *ids, int64_t n)
{
  return ((const int32_t *)ids->data)[n * ids->stride[0]];
}

void
TPD_FAST_OP (embedding) (TpdExec *exec, const TpdView *y, const TpdView *table, const TpdView *ids)
{
  size_t bytes = (size_t)y->shape[1] * sizeof (float);

  if (!tpd_has_rows (y) || !tpd_has_rows (table) || !ids_are_rows (ids, table->shape[0]))
    {
      tpd_cpu_embedding (exec, y, table, ids);
      return;
    }
  for (int64_t n = 0; n < y->shape[0]; n++)
    memcpy (tpd_row2 (y, n), tpd_row2 (table, id_at (ids, n)), bytes);
}

void
TPD_FAST_OP (embedding_bwd) (TpdExec *exec, const TpdView *dtable, const TpdView *dy,
                             const TpdView *ids)
{
  if (!tpd_has_rows (dtable) || !tpd_has_rows (dy) || !ids_are_rows (ids, dtable->shape[0]))
    {
      tpd_cpu_embedding_bwd (exec, dtable, dy, ids);
      return;
    }
  for (int64_t n = 0; n < dy->shape[0]; n++)
    {
      float *restrict sum = tpd_row2 (dtable, id_at (ids, n));
      const float *restrict row = tpd_row2 (dy, n);

      for (int64_t c = 0; c < dy->shape[1]; c++)
        sum[c] += row[c];
    }
}
