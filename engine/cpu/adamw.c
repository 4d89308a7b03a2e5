/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

/* Algorithm 2 of Loshchilov & Hutter 2019 with schedule multiplier 1; decay scaled by the learning
 * rate, as torch does. */
static void
update (const TpdView *p, const TpdView *g, const TpdView *m, const TpdView *v, double decay,
        const TpdAdamW *hyper)
{
  double correction1 = 1 - pow (hyper->beta1, (double)hyper->step);
  double correction2 = 1 - pow (hyper->beta2, (double)hyper->step);
  int64_t n = tpd_view_n_elements (p);

  for (int64_t i = 0; i < n; i++)
    {
      int64_t at = tpd_cpu_nth (p, i), at_m = tpd_cpu_nth (m, i), at_v = tpd_cpu_nth (v, i);
      double gradient = hyper->gradient_scale * tpd_cpu_load (g, tpd_cpu_nth (g, i));
      double weight = tpd_cpu_load (p, at);
      double first = hyper->beta1 * tpd_cpu_load (m, at_m) + (1 - hyper->beta1) * gradient;
      double second =
          hyper->beta2 * tpd_cpu_load (v, at_v) + (1 - hyper->beta2) * gradient * gradient;
      double step = first / correction1 / (sqrt (second / correction2) + hyper->eps);

      tpd_cpu_store (m, at_m, first);
      tpd_cpu_store (v, at_v, second);
      tpd_cpu_store (p, at, weight - hyper->learning_rate * (step + decay * weight));
    }
}

void
tpd_cpu_adamw (TpdExec *exec, size_t n, const TpdView *const *p, const TpdView *const *g,
               const TpdView *const *m, const TpdView *const *v, const uint8_t *decay,
               const TpdAdamW *hyper)
{
  for (size_t i = 0; i < n; i++)
    update (p[i], g[i], m[i], v[i], decay[i] ? hyper->weight_decay : 0, hyper);
}
