/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-shim.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "tpd-shim-fiber.h"

#define MAX_THREADS 1024
#define WARP        32
#define GARBAGE     0xff /* NaN, whatever the type */

typedef enum
{
  READY,
  IN_WARP, /* waits for its warp */
  IN_BLOCK,
  LEFT,
} State;

typedef struct
{
  TpdFiber *fiber; /* owned; kept from launch to launch */
  State state;
  int line; /* of the barrier it waits at */
} Thread;

typedef struct
{
  unsigned arrived; /* lanes */
  int line;
  unsigned n_meetings;
  uint64_t values[2][WARP]; /* of even and odd meetings */
} Warp;

TpdShimNow tpd_shim_now;

static GMutex lock; /* what follows belongs to one launch */

static struct
{
  TpdFiber *caller;
  Thread threads[MAX_THREADS];
  Warp warps[MAX_THREADS / WARP];
  guint n;       /* threads a block */
  guint current; /* which of them runs */
  guint step;    /* to the next, modulo n: forwards or backwards */
  guint64 random;

  guint n_in_block;
  int block_line;
  int any[2]; /* predicates of even and odd meetings of the block */
  guint n_block_meetings;

  void *shared;
  void (*body) (void *data);
  void *data;
} run;

static void G_NORETURN G_GNUC_PRINTF (1, 2) give_up (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("cudashim: block %u, %u, %u: %s\n", tpd_shim_now.block.x, tpd_shim_now.block.y,
              tpd_shim_now.block.z, message);
  abort ();
}

/* ── taking turns ── */

static TpdShimIndex
index_of (guint i)
{
  const TpdShimIndex *size = &tpd_shim_now.block_size;

  return (TpdShimIndex){i % size->x, i / size->x % size->y, i / size->x / size->y};
}

static void
explain_standstill (void)
{
  for (guint i = 0; i < run.n; i++)
    if (run.threads[i].state != LEFT)
      give_up ("thread %u waits at line %d for others that have left or wait elsewhere", i,
               run.threads[i].line);
}

/* Lets the next thread that can go on do so; returns when the caller, not in the state LEFT, is
 * itself that one. The last to leave goes back to the launch. */
static void
yield (void)
{
  guint from = run.current, to = from;

  do
    to = (to + run.step) % run.n;
  while (to != from && run.threads[to].state != READY);
  if (run.threads[to].state != READY)
    {
      explain_standstill ();
      tpd_fiber_switch (run.threads[from].fiber, run.caller);
      return;
    }
  run.current = to;
  tpd_shim_now.thread = index_of (to);
  if (to != from)
    tpd_fiber_switch (run.threads[from].fiber, run.threads[to].fiber);
}

static void
thread_main (void *data)
{
  Thread *self = data;

  for (;;)
    {
      run.body (run.data);
      self->state = LEFT;
      yield ();
    }
}

static void
run_block (void)
{
  memset (run.warps, 0, sizeof run.warps);
  run.n_in_block = 0;
  for (guint i = 0; i < run.n; i++)
    {
      Thread *thread = &run.threads[i];

      thread->state = READY;
      if (thread->fiber == NULL)
        thread->fiber = tpd_fiber_new (thread_main, thread);
    }
  run.current = run.step == 1 ? 0 : run.n - 1;
  tpd_shim_now.thread = index_of (run.current);
  tpd_fiber_switch (run.caller, run.threads[run.current].fiber);
}

void
tpd_shim_launch (TpdShimIndex grid, TpdShimIndex block, size_t shared_bytes,
                 void (*body) (void *data), void *data)
{
  guint64 n_blocks = (guint64)grid.x * grid.y * grid.z;

  g_mutex_lock (&lock);
  tpd_shim_now.grid_size = grid;
  tpd_shim_now.block_size = block;
  run.n = block.x * block.y * block.z;
  if (n_blocks == 0 || run.n == 0 || run.n > MAX_THREADS || grid.y > 65535 || grid.z > 65535)
    give_up ("no GPU takes a grid of %u x %u x %u blocks of %u threads", grid.x, grid.y, grid.z,
             run.n);
  run.body = body;
  run.data = data;
  run.random = run.random * 6364136223846793005u + 1442695040888963407u;
  run.step = run.random >> 63 ? 1 : run.n - 1;
  run.caller = tpd_fiber_new_for_caller ();
  run.shared = shared_bytes > 0 ? g_malloc (shared_bytes) : NULL;
  for (guint64 i = 0; i < n_blocks; i++)
    {
      guint64 b = run.random >> 62 & 1 ? i : n_blocks - 1 - i;

      tpd_shim_now.block = (TpdShimIndex){(unsigned)(b % grid.x), (unsigned)(b / grid.x % grid.y),
                                          (unsigned)(b / grid.x / grid.y)};
      if (run.shared != NULL)
        memset (run.shared, GARBAGE, shared_bytes);
      run_block ();
    }
  g_free (run.shared);
  g_clear_pointer (&run.caller, tpd_fiber_free);
  g_mutex_unlock (&lock);
}

void *
tpd_shim_shared (void)
{
  return run.shared;
}

/* ── meeting ── */

int
tpd_shim_meet_block (int predicate, int line)
{
  Thread *self = &run.threads[run.current];
  int *any = &run.any[run.n_block_meetings % 2];

  if (run.n_in_block == 0)
    {
      run.block_line = line;
      *any = 0;
    }
  if (line != run.block_line)
    give_up ("thread %u waits at the barrier in line %d, others at that in line %d", run.current,
             line, run.block_line);
  *any |= predicate;
  if (++run.n_in_block < run.n)
    {
      self->state = IN_BLOCK;
      self->line = line;
      yield ();
    }
  else
    {
      run.n_in_block = 0;
      run.n_block_meetings++;
      for (guint i = 0; i < run.n; i++)
        if (run.threads[i].state == IN_BLOCK)
          run.threads[i].state = READY;
    }
  return *any;
}

const uint64_t *
tpd_shim_meet_warp (unsigned mask, uint64_t value, int line)
{
  guint index = run.current / WARP, first = index * WARP, lane = run.current % WARP;
  Warp *warp = &run.warps[index];
  uint64_t *values = warp->values[warp->n_meetings % 2];

  if (mask != 0xffffffffu || run.n % WARP != 0)
    give_up ("line %d: the shim knows whole warps only", line);
  if (warp->arrived == 0)
    warp->line = line;
  if (line != warp->line)
    give_up ("thread %u meets its warp in line %d, other lanes in line %d", run.current, line,
             warp->line);
  values[lane] = value;
  warp->arrived |= 1u << lane;
  if (warp->arrived != mask)
    {
      run.threads[run.current].state = IN_WARP;
      run.threads[run.current].line = line;
      yield ();
    }
  else
    {
      warp->arrived = 0;
      warp->n_meetings++;
      for (guint i = first; i < first + WARP; i++)
        if (run.threads[i].state == IN_WARP)
          run.threads[i].state = READY;
    }
  return values;
}

int
tpd_shim_lane (void)
{
  return (int)(run.current % WARP);
}

int
tpd_shim_has_tensor_cores (void)
{
  return g_strcmp0 (g_getenv ("TPD_SHIM_TENSOR_CORES"), "1") == 0;
}
