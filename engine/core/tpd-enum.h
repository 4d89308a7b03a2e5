/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-macros.h"

G_BEGIN_DECLS

/* Enumerations by the nicks of their GType: files, settings and messages name them that way. */

/* The nick of a value; it must be one of the type's. Static. */
TPD_API const char *tpd_enum_nick (GType type, int value);

/* All nicks, NULL-terminated; free with g_strfreev(). */
TPD_API char **tpd_enum_nicks (GType type);

/* Finds a value by nick; FALSE, and *value untouched, if there is none. */
TPD_API gboolean tpd_enum_parse (GType type, const char *nick, int *value);

G_END_DECLS
