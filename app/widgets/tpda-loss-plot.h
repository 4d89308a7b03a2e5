/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "tpda-training.h"

G_BEGIN_DECLS

/* The smoothed loss of each stage of a training, and dashed that of another one, over what the
 * trainings did: updates, or computing, of which as much for both is a fair comparison. */
#define TPDA_TYPE_LOSS_PLOT (tpda_loss_plot_get_type ())
G_DECLARE_FINAL_TYPE (TpdaLossPlot, tpda_loss_plot, TPDA, LOSS_PLOT, GtkWidget)

typedef enum
{
  TPDA_LOSS_AXIS_UPDATES,
  TPDA_LOSS_AXIS_COMPUTE, /* in units of 10¹² floating-point operations */
} TpdaLossAxis;

/* Draws what the training's log has now, and that of the one to compare it with; again after one of
 * them was read on. Both are borrowed until the next call; NULL for none. */
void tpda_loss_plot_show (TpdaLossPlot *self, TpdaTraining *training, TpdaTraining *other,
                          TpdaLossAxis axis);

G_END_DECLS
