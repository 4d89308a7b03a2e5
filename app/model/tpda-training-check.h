/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "train/tpd-train-config.h"

G_BEGIN_DECLS

/* Lets `tpdiff train --check` load all that a training needs, before hours are spent on it: model,
 * weights, clips, captions. config, base and from_new are as for tpda_training_new(); nothing that
 * is looked at is changed. */
void tpda_training_check_async (const TpdTrainConfig *config, JsonObject *base, gboolean from_new,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer data);

/* What would be learned from, in lines for people; NULL, and in error what is wrong, if the
 * training cannot begin. G_IO_ERROR. */
char *tpda_training_check_finish (GAsyncResult *result, GError **error);

G_END_DECLS
