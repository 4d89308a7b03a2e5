/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-error.h"

#include <string.h>

/* The formatter would put spaces around the hyphens, and they would become part of the name. */
/* clang-format off */
G_DEFINE_QUARK (tpd-error-quark, tpd_error)
/* clang-format on */

/* Longer messages are cut. */
#define MAX_BYTES 1000

void
tpd_error_set (GError **error, TpdError code, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *valid = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (strlen (text) > MAX_BYTES)
    strcpy (text + MAX_BYTES - 3, "...");
  for (char *p = text; *p != 0; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  valid = g_utf8_make_valid (text, -1);
  g_set_error_literal (error, TPD_ERROR, (int)code, valid);
}
