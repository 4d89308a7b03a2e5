/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A row that shows and sets a property of an object. Its title, explanation, range and choices are
 * the property's: numbers, switches, texts and enumerations. */
GtkWidget *tpda_setting_row_new (GObject *object, GParamSpec *spec);

/* A row with a choice of an enumeration's values; the caller follows `selected`, an index. */
GtkWidget *tpda_setting_row_new_enum (GType type, const char *title, const char *subtitle);

/* The property's name and explanation for people, translated. */
const char *tpda_setting_title (GParamSpec *spec);
const char *tpda_setting_blurb (GParamSpec *spec);

G_END_DECLS
