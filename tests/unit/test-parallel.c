/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tpd-parallel.h"

#define N 100003

typedef struct
{
  guint8 visits[N];
  gint n_parts;    /* atomic */
  gint too_small;  /* atomic: parts below the grain that are not the last */
  gint bad_thread; /* atomic */
  gint64 grain;
} Visits;

static void
visit (gint64 begin, gint64 end, guint thread, gpointer data)
{
  Visits *visits = data;

  g_atomic_int_inc (&visits->n_parts);
  if (end - begin < visits->grain && end != N)
    g_atomic_int_inc (&visits->too_small);
  if (thread >= tpd_parallel_n_threads ())
    g_atomic_int_inc (&visits->bad_thread);
  for (gint64 i = begin; i < end; i++)
    visits->visits[i]++;
}

static void
assert_visited_once (const Visits *visits)
{
  for (gint64 i = 0; i < N; i++)
    g_assert_cmpint (visits->visits[i], ==, 1);
  g_assert_cmpint (visits->too_small, ==, 0);
  g_assert_cmpint (visits->bad_thread, ==, 0);
}

/* Every item exactly once, in parts of at least the grain, many times over. */
static void
test_every_item_once (void)
{
  static const gint64 grains[] = {0, 1, 7, 1000, N - 1, N, 2 * N};

  for (int repeat = 0; repeat < 200; repeat++)
    for (guint i = 0; i < G_N_ELEMENTS (grains); i++)
      {
        g_autofree Visits *visits = g_new0 (Visits, 1);

        visits->grain = grains[i];
        tpd_parallel_for (N, grains[i], visit, visits);
        assert_visited_once (visits);
      }
}

static void
test_nothing_to_do (void)
{
  g_autofree Visits *visits = g_new0 (Visits, 1);

  tpd_parallel_for (0, 1, visit, visits);
  tpd_parallel_for (-5, 1, visit, visits);
  g_assert_cmpint (visits->n_parts, ==, 0);
}

static void
nested (gint64 begin, gint64 end, guint thread, gpointer data)
{
  for (gint64 i = begin; i < end; i++)
    tpd_parallel_for (100, 1, visit, (Visits *)data + i);
}

/* A loop inside a loop runs, serially. */
static void
test_nested (void)
{
  g_autofree Visits *visits = g_new0 (Visits, 20);

  tpd_parallel_for (20, 1, nested, visits);
  for (int i = 0; i < 20; i++)
    {
      g_assert_cmpint (visits[i].n_parts, ==, 1);
      for (int k = 0; k < 100; k++)
        g_assert_cmpint (visits[i].visits[k], ==, 1);
    }
}

static gpointer
caller (gpointer data)
{
  for (int repeat = 0; repeat < 100; repeat++)
    {
      g_autofree Visits *visits = g_new0 (Visits, 1);

      tpd_parallel_for (N, 100, visit, visits);
      assert_visited_once (visits);
    }
  return NULL;
}

/* Several threads with loops of their own take turns. */
static void
test_several_callers (void)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("caller", caller, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
record_begin (gint64 begin, gint64 end, guint thread, gpointer data)
{
  ((gint64 *)data)[begin] = end;
}

/* The parts depend on n and grain, not on which thread was faster. */
static void
test_parts_repeat (void)
{
  g_autofree gint64 *first = g_new0 (gint64, 1000);

  tpd_parallel_for (1000, 3, record_begin, first);
  for (int repeat = 0; repeat < 100; repeat++)
    {
      g_autofree gint64 *again = g_new0 (gint64, 1000);

      tpd_parallel_for (1000, 3, record_begin, again);
      g_assert_cmpmem (first, 1000 * sizeof (gint64), again, 1000 * sizeof (gint64));
    }
}

int
main (int argc, char *argv[])
{
  /* More threads than cores, so that they do get in each other's way. */
  g_setenv ("TPDIFF_THREADS", "5", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parallel/every-item-once", test_every_item_once);
  g_test_add_func ("/parallel/nothing-to-do", test_nothing_to_do);
  g_test_add_func ("/parallel/nested", test_nested);
  g_test_add_func ("/parallel/several-callers", test_several_callers);
  g_test_add_func ("/parallel/parts-repeat", test_parts_repeat);
  g_assert_cmpuint (tpd_parallel_n_threads (), ==, 5);
  return g_test_run ();
}
