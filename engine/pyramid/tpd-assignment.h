/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-macros.h"

G_BEGIN_DECLS

/**
 * tpd_assignment_solve: (skip)
 * @cost: n_rows × n_columns numbers, row by row; finite
 * @column_of_row: (out): n_rows columns, each used once; −1 for rows left over when n_rows >
 *   n_columns
 *
 * The linear assignment problem, exactly: min (n_rows, n_columns) pairs, no row or column twice, of
 * the least total cost. Shortest augmenting paths with dual potentials: Jonker & Volgenant 1987 in
 * the rectangular form of Crouse, "On implementing 2D rectangular assignment algorithms", 2016.
 * O(n³); of several optimal assignments the first found, always the same one.
 *
 * Returns: %FALSE if a cost is not finite, and @column_of_row is not set
 */
gboolean tpd_assignment_solve (const double *cost, gint n_rows, gint n_columns,
                               gint *column_of_row);

G_END_DECLS
