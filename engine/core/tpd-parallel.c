/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-parallel.h"

#include <stdatomic.h>

/* Workers sleep on a condition variable after spinning this often for the next loop: loops follow
 * each other closely. */
#define SPINS_BEFORE_SLEEP 2000

typedef struct
{
  guint n_threads; /* workers + the caller */
  GMutex turn;     /* held by the caller whose loop is running */
  GMutex lock;
  GCond wake;

  /* the running loop */
  TpdParallelFunc func;
  gpointer data;
  gint64 n;
  gint64 part; /* items a part */
  atomic_llong next;
  atomic_uint generation;
  atomic_uint busy; /* workers that have not finished it */
} Pool;

static Pool pool;
static _Thread_local gboolean inside;
static _Thread_local guint own_thread;

/* One turn of a busy wait; on a crowded machine the core goes to whoever has the work. */
static void
relax (guint spins)
{
  if (spins > SPINS_BEFORE_SLEEP)
    g_thread_yield ();
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#endif
}

static void
run_parts (void)
{
  gint64 begin;

  inside = TRUE;
  while ((begin = atomic_fetch_add (&pool.next, pool.part)) < pool.n)
    pool.func (begin, MIN (begin + pool.part, pool.n), own_thread, pool.data);
  inside = FALSE;
}

static guint
await_generation (guint seen)
{
  for (guint i = 0; i < SPINS_BEFORE_SLEEP; i++)
    {
      guint now = atomic_load (&pool.generation);
      if (now != seen)
        return now;
      relax (i);
    }
  g_mutex_lock (&pool.lock);
  while (atomic_load (&pool.generation) == seen)
    g_cond_wait (&pool.wake, &pool.lock);
  g_mutex_unlock (&pool.lock);
  return atomic_load (&pool.generation);
}

static gpointer
worker (gpointer thread)
{
  guint seen = 0;

  own_thread = GPOINTER_TO_UINT (thread);
  for (;;)
    {
      seen = await_generation (seen);
      run_parts ();
      atomic_fetch_sub (&pool.busy, 1);
    }
  return NULL;
}

static guint
wanted_threads (void)
{
  const char *text = g_getenv ("TPDIFF_THREADS");
  guint64 n = text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;

  return n > 0 ? (guint)MIN (n, 256) : g_get_num_processors ();
}

static void
start_pool (void)
{
  static gsize started = 0;

  if (!g_once_init_enter (&started))
    return;
  pool.n_threads = wanted_threads ();
  for (guint i = 1; i < pool.n_threads; i++)
    g_thread_unref (g_thread_new ("tpd-worker", worker, GUINT_TO_POINTER (i)));
  g_once_init_leave (&started, 1);
}

guint
tpd_parallel_n_threads (void)
{
  start_pool ();
  return pool.n_threads;
}

void
tpd_parallel_for (gint64 n, gint64 grain, TpdParallelFunc func, gpointer data)
{
  if (n <= 0)
    return;
  start_pool ();
  grain = MAX (grain, 1);
  if (inside || pool.n_threads == 1 || n <= grain)
    {
      func (0, n, own_thread, data);
      return;
    }

  g_mutex_lock (&pool.turn);
  pool.func = func;
  pool.data = data;
  pool.n = n;
  pool.part = MAX (grain, (n + 4 * pool.n_threads - 1) / (4 * pool.n_threads));
  atomic_store (&pool.next, 0);
  atomic_store (&pool.busy, pool.n_threads - 1);
  g_mutex_lock (&pool.lock);
  atomic_fetch_add (&pool.generation, 1);
  g_cond_broadcast (&pool.wake);
  g_mutex_unlock (&pool.lock);
  run_parts ();
  for (guint spins = 0; atomic_load (&pool.busy) > 0; spins++)
    relax (spins);
  g_mutex_unlock (&pool.turn);
}
