/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cli.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

gboolean
tpd_cli_parse (int *argc, char ***argv, const GOptionEntry *entries, const char *arguments,
               const char *description, int max_arguments, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (arguments);
  g_autofree char *paragraph = g_strconcat (description, "\n", NULL);

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_description (context, paragraph);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc - 1 > max_arguments)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("Unexpected argument \"%s\""), (*argv)[max_arguments + 1]);
      return FALSE;
    }
  return TRUE;
}

void
tpd_cli_print_json (JsonNode *node)
{
  g_autofree char *text = json_to_string (node, TRUE);

  puts (text);
  json_node_unref (node);
}

static gboolean progress_shown;

void
tpd_cli_progress (const char *format, ...)
{
  va_list args;

  if (!isatty (STDERR_FILENO))
    return;
  va_start (args, format);
  fputs ("\r\033[K", stderr);
  vfprintf (stderr, format, args);
  fflush (stderr);
  va_end (args);
  progress_shown = TRUE;
}

void
tpd_cli_progress_end (void)
{
  if (progress_shown)
    fputc ('\n', stderr);
  progress_shown = FALSE;
}

void
tpd_cli_warn_of_unknown_words (char **words)
{
  g_autofree char *list = words != NULL ? g_strjoinv (", ", words) : NULL;

  if (list != NULL)
    g_printerr (_ ("%s: the model does not know: %s\n"), g_get_prgname (), list);
}

static void
interrupting_signals (sigset_t *set)
{
  sigemptyset (set);
  sigaddset (set, SIGINT);
  sigaddset (set, SIGTERM);
}

static pthread_t waiting_thread;

static gpointer
wait_for_signals (gpointer cancellable)
{
  sigset_t set;
  int signal;

  interrupting_signals (&set);
  sigwait (&set, &signal);
  g_cancellable_cancel (cancellable);
  sigwait (&set, &signal);
  _exit (128 + signal);
}

/* For threads that libraries made before main() and that do not block the signals. */
static void
hand_over (int signal)
{
  pthread_kill (waiting_thread, signal);
}

GCancellable *
tpd_cli_interruptible (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  struct sigaction action = {.sa_handler = hand_over, .sa_flags = SA_RESTART};
  sigset_t set;

  /* Blocked here, so that every thread made later blocks them too. */
  interrupting_signals (&set);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  pthread_create (&waiting_thread, NULL, wait_for_signals, g_object_ref (cancellable));
  pthread_detach (waiting_thread);
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  return cancellable;
}
