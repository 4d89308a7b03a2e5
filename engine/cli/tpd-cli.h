/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The `tpdiff` command: one file a subcommand, tpd-cli-<name>.c, each with one run function. */

/* Runs a subcommand. argv[0] is its name and g_get_prgname() "tpdiff NAME"; argv may be changed. A
 * G_OPTION_ERROR is a usage error (exit 2), G_IO_ERROR_CANCELLED an interruption (exit 130), any
 * other error a failure (exit 1); main() prints it. */
typedef gboolean (*TpdCliRun) (int argc, char **argv, GCancellable *cancellable, GError **error);

typedef struct
{
  const char *name;
  const char *summary; /* one line, translatable */
  TpdCliRun run;
} TpdCliCommand;

#define TPD_CLI(name, summary)                                                                     \
  gboolean tpd_cli_##name (int argc, char **argv, GCancellable *cancellable, GError **error);
#include "tpd-cli-commands.def"
#undef TPD_CLI

/* Parses options with GOption: --help with `arguments` after the options and `description` below.
 * What is left in argv are the arguments: at most max_arguments of them, *n_arguments are there. */
gboolean tpd_cli_parse (int *argc, char ***argv, const GOptionEntry *entries, const char *arguments,
                        const char *description, int max_arguments, GError **error);

/* Prints machine output: JSON on stdout, nothing else goes there. Takes the node. */
void tpd_cli_print_json (JsonNode *node);

/* Progress on stderr, one line overwritten in place on a terminal, silent elsewhere unless
 * `always`. */
void tpd_cli_progress (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Ends the progress line, if there is one. */
void tpd_cli_progress_end (void);

/* Says on stderr which words of prompts the model does not know: "tpdiff generate: the model …".
 * `words` may be NULL: nothing to say. */
void tpd_cli_warn_of_unknown_words (char **words);

/* A cancellable that Ctrl-C and SIGTERM cancel; a second one ends the program. Call before any
 * thread is made. */
GCancellable *tpd_cli_interruptible (void);

G_END_DECLS
