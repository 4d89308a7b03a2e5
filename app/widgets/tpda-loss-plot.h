/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "tpda-training-log.h"

G_BEGIN_DECLS

/* The smoothed loss of each stage over the updates of a training. */
#define TPDA_TYPE_LOSS_PLOT (tpda_loss_plot_get_type ())
G_DECLARE_FINAL_TYPE (TpdaLossPlot, tpda_loss_plot, TPDA, LOSS_PLOT, GtkWidget)

/* Draws what the log has now; again after it was read on. The log is borrowed until the next call;
 * NULL for none. */
void tpda_loss_plot_set_log (TpdaLossPlot *self, const TpdaTrainingLog *log);

G_END_DECLS
