/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-assignment.h"

#include <json-glib/json-glib.h>

/* Against scipy.optimize.linear_sum_assignment; see make-assignment.py. */

/* Sums of at most 16 doubles in another order */
#define SAME 1e-12

/* Total cost of a one-to-one assignment of min (rows, columns) pairs; fails if it is not one. */
static double
total_of (const double *cost, gint n_rows, gint n_columns, const gint *column_of_row)
{
  g_autofree gboolean *used = g_new0 (gboolean, n_columns);
  double total = 0;
  gint n_pairs = 0;

  for (gint i = 0; i < n_rows; i++)
    {
      gint j = column_of_row[i];

      g_assert_cmpint (j, >=, -1);
      g_assert_cmpint (j, <, n_columns);
      if (j < 0)
        continue;
      g_assert_false (used[j]);
      used[j] = TRUE;
      total += cost[i * n_columns + j];
      n_pairs++;
    }
  g_assert_cmpint (n_pairs, ==, MIN (n_rows, n_columns));
  return total;
}

static void
test_scipy (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "assignment.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *cases;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  cases = json_node_get_array (json_parser_get_root (parser));
  g_assert_cmpuint (json_array_get_length (cases), >, 50);
  for (guint c = 0; c < json_array_get_length (cases); c++)
    {
      JsonObject *object = json_array_get_object_element (cases, c);
      JsonArray *numbers = json_object_get_array_member (object, "cost");
      gint n_rows = (gint)json_object_get_int_member (object, "rows");
      gint n_columns = (gint)json_object_get_int_member (object, "columns");
      double wanted = json_object_get_double_member (object, "total");
      g_autofree double *cost = g_new (double, n_rows *n_columns);
      g_autofree gint *column_of_row = g_new (gint, n_rows);

      for (gint i = 0; i < n_rows * n_columns; i++)
        cost[i] = json_array_get_double_element (numbers, i);
      g_assert_true (tpd_assignment_solve (cost, n_rows, n_columns, column_of_row));
      g_test_message ("%s %d × %d", json_object_get_string_member (object, "kind"), n_rows,
                      n_columns);
      g_assert_cmpfloat_with_epsilon (total_of (cost, n_rows, n_columns, column_of_row), wanted,
                                      SAME * MAX (1, ABS (wanted)));
    }
}

/* A cost that is no number has no answer. */
static void
test_not_finite (void)
{
  double cost[4] = {1, 2, 3, 0};
  gint column_of_row[2];

  cost[3] = 0.0 / cost[3];
  g_assert_false (tpd_assignment_solve (cost, 2, 2, column_of_row));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/assignment/scipy", test_scipy);
  g_test_add_func ("/assignment/not-finite", test_not_finite);
  return g_test_run ();
}
