/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Numbers by name, in a key of GSettings (a{sd}). */

/* 0 if there is none of this name. */
double tpda_numbers_get (GSettings *settings, const char *key, const char *name);
void tpda_numbers_set (GSettings *settings, const char *key, const char *name, double value);

G_END_DECLS
