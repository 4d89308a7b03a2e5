/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-export.h"

G_BEGIN_DECLS

/* From RGB frames of this size to what the sink takes: scaling, conversion, encoder, container. */
char *tpda_export_tail (guint width, guint height, const TpdaExportOptions *options);

/* A name for the file of a clip: its prompt, without what file systems do not like in names. */
char *tpda_export_name (const char *prompt);

G_END_DECLS
