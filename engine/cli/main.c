/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cli.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>

/* Exit codes. */
enum
{
  EXIT_OK = 0,
  EXIT_FAILED = 1,
  EXIT_USAGE = 2,
  EXIT_INTERRUPTED = 130,
};

static const TpdCliCommand commands[] = {
#define TPD_CLI(name, summary) {#name, summary, tpd_cli_##name},
#include "tpd-cli-commands.def"
#undef TPD_CLI
};

static void
print_help (void)
{
  printf ("%s\n  tpdiff %s\n\n%s\n\n", _ ("Usage:"), _ ("COMMAND [OPTION…]"),
          _ ("Trains temporal pyramid video diffusion models and makes clips with them."));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    printf ("  %-10s %s\n", commands[i].name, _ (commands[i].summary));
  printf ("\n%s\n", _ ("\"tpdiff COMMAND --help\" explains a command."));
}

static const TpdCliCommand *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name))
      return &commands[i];
  return NULL;
}

static int
run_command (const TpdCliCommand *command, int argc, char **argv)
{
  g_autofree char *program = g_strdup_printf ("tpdiff %s", command->name);
  g_autoptr (GCancellable) cancellable = tpd_cli_interruptible ();
  g_autoptr (GError) error = NULL;
  gboolean ok;

  g_set_prgname (program);
  ok = command->run (argc, argv, cancellable, &error);
  tpd_cli_progress_end ();
  if (ok)
    return EXIT_OK;
  fprintf (stderr, "%s: %s\n", program, error->message);
  if (error->domain == G_OPTION_ERROR)
    return EXIT_USAGE;
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? EXIT_INTERRUPTED : EXIT_FAILED;
}

int
main (int argc, char **argv)
{
  const TpdCliCommand *command;

  signal (SIGXFSZ, SIG_IGN); /* a file too large is an error, as a full disk is */
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, TPD_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (argc < 2 || g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h"))
    {
      print_help ();
      return argc < 2 ? EXIT_USAGE : EXIT_OK;
    }
  if (g_str_equal (argv[1], "--version"))
    {
      printf ("tpdiff %s\n", PACKAGE_VERSION);
      return EXIT_OK;
    }
  command = find_command (argv[1]);
  if (command == NULL)
    {
      fprintf (stderr, _ ("tpdiff: unknown command \"%s\"; see \"tpdiff --help\"\n"), argv[1]);
      return EXIT_USAGE;
    }
  return run_command (command, argc - 1, argv + 1);
}
