/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n.h>
#include <gst/gst.h>

#include "tpda-application.h"

int
main (int argc, char **argv)
{
  g_autoptr (TpdaApplication) application = NULL;

  bindtextdomain (GETTEXT_PACKAGE, TPD_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  gst_init (&argc, &argv);

  application = tpda_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
