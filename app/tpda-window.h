/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-application.h"

G_BEGIN_DECLS

/* The main window: pages under a header bar, toasts over them. */
#define TPDA_TYPE_WINDOW (tpda_window_get_type ())
G_DECLARE_FINAL_TYPE (TpdaWindow, tpda_window, TPDA, WINDOW, AdwApplicationWindow)

TpdaWindow *tpda_window_new (TpdaApplication *application);

/* Shows the prompt and settings that a file's clip was made with, or says why it cannot. */
void tpda_window_open_file (TpdaWindow *self, GFile *file);

G_END_DECLS
