/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-macros.h"

G_BEGIN_DECLS

/* Shapes that are not yet, or never will be, those of a tensor. */

/* "[2, 3, 4]" for messages. */
char *tpd_shape_string (int n_dims, const gint64 *shape);

/* The product; it must fit. */
TPD_API gint64 tpd_shape_count (int n_dims, const gint64 *shape);

G_END_DECLS
