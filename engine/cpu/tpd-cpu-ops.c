/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu.h"

#include <glib.h>

#include "fast/tpd-fast.h"

static const TpdOpTable reference = {
#define TPD_OP(name, ...) .name = tpd_cpu_##name,
#include "../ops/tpd-ops.def"
#undef TPD_OP
};

static TpdOpTable
fast_table (void)
{
  TpdOpTable table = reference;

#define TPD_FAST(name) table.name = tpd_fast_##name;
#include "fast/tpd-fast.def"
#undef TPD_FAST
  return table;
}

const TpdOpTable *
tpd_cpu_reference_ops (void)
{
  return &reference;
}

const TpdOpTable *
tpd_cpu_ops (void)
{
  static TpdOpTable table;
  static gsize ready = 0;

  if (g_once_init_enter (&ready))
    {
      table = g_strcmp0 (g_getenv ("TPDIFF_CPU"), "reference") == 0 ? reference : fast_table ();
      g_once_init_leave (&ready, 1);
    }
  return &table;
}
