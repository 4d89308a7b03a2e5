/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

/* An i64 does not fit into a double: between integers no conversion to floating point happens. */
static int
is_integer (TpdDtype dtype)
{
  return dtype == TPD_I32 || dtype == TPD_I64 || dtype == TPD_U8;
}

static int64_t
load_integer (const TpdView *x, int64_t offset)
{
  return x->dtype == TPD_I64 ? ((const int64_t *)x->data)[offset]
                             : (int64_t)tpd_cpu_load (x, offset);
}

static void
store_integer (const TpdView *y, int64_t offset, int64_t value)
{
  if (y->dtype == TPD_I64)
    ((int64_t *)y->data)[offset] = value;
  else
    tpd_cpu_store (y, offset, (double)value);
}

void
tpd_cpu_copy (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  int integers = is_integer (y->dtype) && is_integer (x->dtype);
  int64_t n = tpd_view_n_elements (y);

  for (int64_t i = 0; i < n; i++)
    {
      int64_t to = tpd_cpu_nth (y, i), from = tpd_cpu_nth (x, i);

      if (integers)
        store_integer (y, to, load_integer (x, from));
      else
        tpd_cpu_store (y, to, tpd_cpu_load (x, from));
    }
}
