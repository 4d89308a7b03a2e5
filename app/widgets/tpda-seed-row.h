/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The row of a seed: its number, a dice, and a lock that keeps it from one clip to the next. */
#define TPDA_TYPE_SEED_ROW (tpda_seed_row_get_type ())
G_DECLARE_FINAL_TYPE (TpdaSeedRow, tpda_seed_row, TPDA, SEED_ROW, AdwEntryRow)

/* For an object's property of type uint64. */
GtkWidget *tpda_seed_row_new (GObject *object, GParamSpec *spec);

gboolean tpda_seed_row_is_locked (TpdaSeedRow *self);
void tpda_seed_row_set_locked (TpdaSeedRow *self, gboolean locked);

/* Takes another seed. */
void tpda_seed_row_roll (TpdaSeedRow *self);

G_END_DECLS
