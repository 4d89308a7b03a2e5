/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "tpda-generator.h"

G_BEGIN_DECLS

/* While the generator works the machine does not fall asleep; when a clip is done and no window of
 * the application is in front, a notification says so. Lasts as long as both live. */
void tpda_manners_follow (GtkApplication *application, TpdaGenerator *generator);

G_END_DECLS
