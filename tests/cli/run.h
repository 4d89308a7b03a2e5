/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

/* One run of the command: its exit code and what it printed. */
typedef struct
{
  int status;
  char *out;
  char *err;
} Result;

/* Runs `tpdiff ARGUMENTS …`, NULL-terminated. */
Result *run_tpdiff (const char *first, ...) G_GNUC_NULL_TERMINATED;
void result_free (Result *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Result, result_free)

/* Fails unless the command ended with `status`, printed nothing on stdout, and on stderr one line
 * that holds `message`. */
void assert_refused (const Result *result, int status, const char *message);

/* Fails unless all went well and stdout is one JSON object, and nothing else. */
JsonObject *parse_output (const Result *result);
