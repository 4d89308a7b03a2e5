/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-clip.h"

G_BEGIN_DECLS

/* Asks how to export a clip, and exports it. Emits `exported` (path) when that is done; closing it
 * before cancels. */
#define TPDA_TYPE_EXPORT_DIALOG (tpda_export_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TpdaExportDialog, tpda_export_dialog, TPDA, EXPORT_DIALOG, AdwWindow)

/* Format, folder and the like are remembered in the settings. name is that of the file, without its
 * extension. */
TpdaExportDialog *tpda_export_dialog_new (GtkWindow *parent, GSettings *settings, TpdaClip *clip,
                                          const char *name);

G_END_DECLS
