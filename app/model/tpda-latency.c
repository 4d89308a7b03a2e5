/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-latency.h"

#include <math.h>

#define PERIOD_US (10 * 1000)

struct _TpdaLatency
{
  /* owned */
  GSource *source;
  GArray *waits; /* float, ms */

  /* state */
  gboolean sorted;
};

typedef struct
{
  GSource parent;
  TpdaLatency *latency; /* borrowed: it owns the source */
} Clock;

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  TpdaLatency *self = ((Clock *)source)->latency;
  gint64 now = g_get_monotonic_time ();
  float wait = (float)(now - g_source_get_ready_time (source)) / 1000;

  g_array_append_val (self->waits, wait);
  self->sorted = FALSE;
  g_source_set_ready_time (source, now + PERIOD_US);
  return G_SOURCE_CONTINUE;
}

TpdaLatency *
tpda_latency_new (void)
{
  static GSourceFuncs functions = {.dispatch = dispatch};
  TpdaLatency *self = g_new0 (TpdaLatency, 1);

  self->waits = g_array_new (FALSE, FALSE, sizeof (float));
  self->source = g_source_new (&functions, sizeof (Clock));
  ((Clock *)self->source)->latency = self;
  g_source_set_static_name (self->source, "latency");
  g_source_set_ready_time (self->source, g_get_monotonic_time () + PERIOD_US);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return self;
}

void
tpda_latency_free (TpdaLatency *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_array_unref (self->waits);
  g_free (self);
}

/* ── what it says ── */

guint
tpda_latency_count (TpdaLatency *self)
{
  return self->waits->len;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  float x = *(const float *)a;
  float y = *(const float *)b;

  return (x > y) - (x < y);
}

double
tpda_latency_quantile (TpdaLatency *self, double part)
{
  guint n = self->waits->len;

  if (n == 0)
    return 0;
  if (!self->sorted)
    g_array_sort (self->waits, compare);
  self->sorted = TRUE;
  return (double)g_array_index (self->waits, float,
                                (guint)CLAMP (ceil (part * n) - 1, 0, (double)n - 1));
}

char *
tpda_latency_describe (TpdaLatency *self)
{
  return g_strdup_printf ("%u samples, median %.1f ms, p99 %.1f ms, worst %.1f ms",
                          tpda_latency_count (self), tpda_latency_quantile (self, 0.5),
                          tpda_latency_quantile (self, 0.99), tpda_latency_quantile (self, 1));
}
