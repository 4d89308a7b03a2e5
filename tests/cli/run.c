/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run.h"

#include <string.h>

Result *
run_tpdiff (const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;
  Result *self = g_new0 (Result, 1);
  va_list more;

  g_ptr_array_add (argv, (gpointer)g_getenv ("TPDIFF"));
  va_start (more, first);
  for (const char *argument = first; argument != NULL; argument = va_arg (more, const char *))
    g_ptr_array_add (argv, (gpointer)argument);
  va_end (more);
  g_ptr_array_add (argv, NULL);

  process =
      g_subprocess_newv ((const char *const *)argv->pdata,
                         G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &self->out, &self->err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process)); /* not a crash */
  self->status = g_subprocess_get_exit_status (process);
  return self;
}

void
result_free (Result *self)
{
  g_free (self->out);
  g_free (self->err);
  g_free (self);
}

void
assert_refused (const Result *result, int status, const char *message)
{
  g_test_message ("%s", result->err);
  g_assert_cmpint (result->status, ==, status);
  g_assert_cmpstr (result->out, ==, "");
  g_assert_true (g_str_has_prefix (result->err, "tpdiff"));
  g_assert_true (strchr (result->err, '\n') == result->err + strlen (result->err) - 1);
  g_assert_nonnull (strstr (result->err, message));
}

JsonObject *
parse_output (const Result *result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_assert_cmpstr (result->err, ==, "");
  g_assert_cmpint (result->status, ==, 0);
  node = json_from_string (result->out, &error);
  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (node));
}
