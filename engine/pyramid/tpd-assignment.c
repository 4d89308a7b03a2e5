/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-assignment.h"

#include <math.h>

/* A wide problem (rows ≤ columns) half solved. Rows are assigned one at a time; u and v are dual
 * potentials with cost_ij − u_i − v_j ≥ 0, and = 0 for assigned pairs. */
typedef struct
{
  const double *cost;
  gint n_rows, n_columns;
  gint row_step, column_step; /* strides of cost, so that a tall problem is a wide one transposed */

  double *u, *v;
  gint *column_of_row, *row_of_column;

  /* the search for the current row */
  double *distance; /* of each column: length of the shortest path found so far */
  gint *previous;   /* of each column: the row from which that path enters it */
  gboolean *done;   /* of each column: whether its distance is final */
} Problem;

static double
cost_at (const Problem *p, gint row, gint column)
{
  return p->cost[(gsize)row * p->row_step + (gsize)column * p->column_step];
}

/* Dijkstra over reduced costs from `start` to the nearest free column, which is returned. Updates
 * distances through `row`, picks the nearest column not done, and goes on from the row that holds
 * it. */
static gint
shortest_path (Problem *p, gint start, double *length)
{
  gint row = start;

  *length = 0;
  for (gint j = 0; j < p->n_columns; j++)
    {
      p->distance[j] = INFINITY;
      p->done[j] = FALSE;
    }
  for (;;)
    {
      gint nearest = -1;

      for (gint j = 0; j < p->n_columns; j++)
        {
          double through;

          if (p->done[j])
            continue;
          through = *length + cost_at (p, row, j) - p->u[row] - p->v[j];
          if (through < p->distance[j])
            {
              p->distance[j] = through;
              p->previous[j] = row;
            }
          /* of equally near columns a free one ends the search */
          if (nearest < 0 || p->distance[j] < p->distance[nearest] ||
              (p->distance[j] == p->distance[nearest] && p->row_of_column[j] < 0))
            nearest = j;
        }
      *length = p->distance[nearest];
      p->done[nearest] = TRUE;
      if (p->row_of_column[nearest] < 0)
        return nearest;
      row = p->row_of_column[nearest];
    }
}

/* Keeps reduced costs ≥ 0, and makes them 0 along the path. */
static void
update_potentials (Problem *p, gint start, double length)
{
  p->u[start] += length;
  for (gint j = 0; j < p->n_columns; j++)
    if (p->done[j])
      {
        if (p->row_of_column[j] >= 0)
          p->u[p->row_of_column[j]] += length - p->distance[j];
        p->v[j] -= length - p->distance[j];
      }
}

/* Swaps assigned and unassigned pairs along the path that ends at a free column. */
static void
augment (Problem *p, gint start, gint column)
{
  gint row;

  do
    {
      gint next;

      row = p->previous[column];
      p->row_of_column[column] = row;
      next = p->column_of_row[row];
      p->column_of_row[row] = column;
      column = next;
    }
  while (row != start);
}

static void
solve_wide (Problem *p)
{
  g_autofree double *u = g_new0 (double, p->n_rows), *v = g_new0 (double, p->n_columns);
  g_autofree double *distance = g_new (double, p->n_columns);
  g_autofree gint *previous = g_new (gint, p->n_columns);
  g_autofree gboolean *done = g_new (gboolean, p->n_columns);

  p->u = u;
  p->v = v;
  p->distance = distance;
  p->previous = previous;
  p->done = done;
  for (gint i = 0; i < p->n_rows; i++)
    p->column_of_row[i] = -1;
  for (gint j = 0; j < p->n_columns; j++)
    p->row_of_column[j] = -1;
  for (gint i = 0; i < p->n_rows; i++)
    {
      double length;
      gint column = shortest_path (p, i, &length);

      update_potentials (p, i, length);
      augment (p, i, column);
    }
}

gboolean
tpd_assignment_solve (const double *cost, gint n_rows, gint n_columns, gint *column_of_row)
{
  g_autofree gint *row_of_column = g_new (gint, n_columns);
  Problem p = {.cost = cost};

  for (gsize i = 0; i < (gsize)n_rows * n_columns; i++)
    if (!isfinite (cost[i]))
      return FALSE;
  if (n_rows <= n_columns)
    {
      p.n_rows = n_rows;
      p.n_columns = n_columns;
      p.row_step = n_columns;
      p.column_step = 1;
      p.column_of_row = column_of_row;
      p.row_of_column = row_of_column;
    }
  else
    {
      p.n_rows = n_columns;
      p.n_columns = n_rows;
      p.row_step = 1;
      p.column_step = n_columns;
      p.column_of_row = row_of_column;
      p.row_of_column = column_of_row;
    }
  solve_wide (&p);
  return TRUE;
}
