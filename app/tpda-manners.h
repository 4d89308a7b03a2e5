/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "tpda-generator.h"
#include "tpda-training-list.h"

G_BEGIN_DECLS

/* While the generator works the machine does not fall asleep; when a clip is done and no window of
 * the application is in front, a notification says so. How late the main loop was meanwhile is
 * written to the debug log (G_MESSAGES_DEBUG=tpdiff-studio). Lasts as long as both live. */
void tpda_manners_follow (GtkApplication *application, TpdaGenerator *generator);

/* The same for trainings, now and to come, as long as the application runs. */
void tpda_manners_follow_trainings (GtkApplication *application, TpdaTrainingList *trainings);

G_END_DECLS
