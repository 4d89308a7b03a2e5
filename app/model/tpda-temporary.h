/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Removes a temporary file, or a temporary folder with the files in it. That it cannot be removed,
 * or is not there, is no error. */
void tpda_temporary_remove (const char *path);

G_END_DECLS
