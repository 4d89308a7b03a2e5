/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-export.h"

G_BEGIN_DECLS

/* How large an exported file will be. Nothing is encoded for it: the format says how many bits a
 * pixel takes at which quality (tpda-format.c), and what exports to that format came to before, in
 * the key `export-ratios` (a{sd}), corrects it, since what a pixel takes depends on the clips. */

/* Bytes. */
guint64 tpda_export_estimate (GSettings *settings, const TpdClip *clip,
                              const TpdaExportOptions *options);

/* Learns from what was exported to a path. */
void tpda_export_estimate_learn (GSettings *settings, const TpdClip *clip,
                                 const TpdaExportOptions *options, const char *path);

G_END_DECLS
