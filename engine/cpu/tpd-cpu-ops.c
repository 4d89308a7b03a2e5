/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu.h"

#include <glib.h>

#include "fast/tpd-fast.h"

static const TpdOpTable reference = {
#define TPD_OP(name, ...) .name = tpd_cpu_##name,
#include "../ops/tpd-ops.def"
#undef TPD_OP
};

static void
use_generic (TpdOpTable *table)
{
#define TPD_FAST(name) table->name = TPD_FAST_NAME (generic, name);
#include "fast/tpd-fast.def"
#undef TPD_FAST
}

/* Whether the fast kernels for AVX2 and FMA are there and this machine can run them. */
static gboolean
use_v3 (TpdOpTable *table)
{
#ifdef TPD_HAVE_FAST_V3
  if (!__builtin_cpu_supports ("avx2") || !__builtin_cpu_supports ("fma"))
    return FALSE;
#define TPD_FAST(name) table->name = TPD_FAST_NAME (v3, name);
#include "fast/tpd-fast.def"
#undef TPD_FAST
  return TRUE;
#else
  return FALSE;
#endif
}

static TpdOpTable
fast_table (void)
{
  const char *wanted = g_getenv ("TPDIFF_CPU");
  TpdOpTable table = reference;

  if (g_strcmp0 (wanted, "reference") == 0)
    return table;
  if (g_strcmp0 (wanted, "generic") == 0 || !use_v3 (&table))
    use_generic (&table);
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
      table = fast_table ();
      g_once_init_leave (&ready, 1);
    }
  return &table;
}
