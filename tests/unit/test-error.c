/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tpd-error.h"

#include <string.h>

/* Messages quote strangers' files: they stay one line of valid UTF-8. */
static void
test_set (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (g_quark_to_string (TPD_ERROR), ==, "tpd-error-quark");
  tpd_error_set (&error, TPD_ERROR_MISMATCH, "x.json: \"%.5s\" is %d", "aéb\ncé", 7);
  g_assert_error (error, TPD_ERROR, TPD_ERROR_MISMATCH);
  g_assert_cmpstr (error->message, ==, "x.json: \"aéb \" is 7");
  g_clear_error (&error);
  tpd_error_set (&error, TPD_ERROR_FAILED, "%.2s", "aé");
  g_assert_cmpstr (error->message, ==, "a\uFFFD");
  tpd_error_set (NULL, TPD_ERROR_FAILED, "nobody listens");
}

static void
test_long (void)
{
  g_autofree char *name = g_strnfill (100000, 'n');
  g_autoptr (GError) error = NULL;

  tpd_error_set (&error, TPD_ERROR_INVALID_DATA, "tensor \"%s\"", name);
  g_assert_cmpuint (strlen (error->message), ==, 1000);
  g_assert_true (g_str_has_suffix (error->message, "n..."));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/set", test_set);
  g_test_add_func ("/error/long", test_long);
  return g_test_run ();
}
