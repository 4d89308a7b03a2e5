/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-training-process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#define PROGRAM "tpdiff"

/* Files of a run's folder. */
#define LOCK   "lock"
#define STDERR "stderr.txt"

/* Below everything that a person waits for. */
#define NICENESS 10

/* Where the process finds its lock. */
#define LOCK_FD 3

/* What is read of stderr. */
#define MAX_STDERR 8192

/* Exit code of a command that was interrupted and has saved (engine/cli/main.c). */
#define EXIT_INTERRUPTED 130

/* ── the program ── */

static char *
executable_in (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, PROGRAM, NULL);

  return g_file_test (path, G_FILE_TEST_IS_EXECUTABLE) && !g_file_test (path, G_FILE_TEST_IS_DIR)
             ? g_steal_pointer (&path)
             : NULL;
}

char *
tpda_training_process_find_program (GError **error)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  char *program = folder != NULL ? executable_in (folder) : NULL;

  if (program == NULL)
    program = executable_in (TPDA_BIN_DIR);
  if (program == NULL)
    program = g_find_program_in_path (PROGRAM);
  if (program == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 _ ("The program “%s”, which trains, is neither in “%s” nor on the search path"),
                 PROGRAM, TPDA_BIN_DIR);
  return program;
}

/* ── the lock ── */

static int
open_lock (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, LOCK, NULL);

  return open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
}

static int
take_lock (const char *folder, GError **error)
{
  int fd = open_lock (folder);
  int code;

  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  code = errno;
  if (fd >= 0 && code == EWOULDBLOCK)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, _ ("A training runs in “%s” already"), folder);
  else
    g_set_error (error, G_IO_ERROR, (int)g_io_error_from_errno (code), "%s: %s", folder,
                 g_strerror (code));
  if (fd >= 0)
    close (fd);
  return -1;
}

/* So that an application that starts later finds the process. */
static void
write_pid (int lock, const char *pid)
{
  if (ftruncate (lock, 0) != 0 || pwrite (lock, pid, strlen (pid), 0) < 0)
    g_warning ("A training cannot be paused after a restart: %s", g_strerror (errno));
}

int
tpda_training_process_get_pid (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, LOCK, NULL);
  int fd = open (path, O_RDWR | O_CLOEXEC);
  char text[32] = "";
  gboolean runs;

  if (fd < 0)
    return 0;
  runs = flock (fd, LOCK_EX | LOCK_NB) != 0;
  if (runs && pread (fd, text, sizeof text - 1, 0) < 0)
    runs = FALSE;
  close (fd);
  return runs ? atoi (text) : 0;
}

/* ── the process ── */

static GSubprocess *
launch (const char *folder, const char *program, const char *const *arguments, int lock,
        GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autofree char *err = g_build_filename (folder, STDERR, NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (gpointer)program);
  for (const char *const *argument = arguments; *argument != NULL; argument++)
    g_ptr_array_add (argv, (gpointer)*argument);
  g_ptr_array_add (argv, NULL);
  unlink (err); /* it is opened without being emptied */
  g_subprocess_launcher_set_stderr_file_path (launcher, err);
  g_subprocess_launcher_take_fd (launcher, fcntl (lock, F_DUPFD_CLOEXEC, 0), LOCK_FD);
  return g_subprocess_launcher_spawnv (launcher, (const char *const *)argv->pdata, error);
}

GSubprocess *
tpda_training_process_start (const char *folder, const char *program, const char *const *arguments,
                             GError **error)
{
  int lock = take_lock (folder, error);
  GSubprocess *process;

  if (lock < 0)
    return NULL;
  process = launch (folder, program, arguments, lock, error);
  if (process != NULL && g_subprocess_get_identifier (process) != NULL)
    {
      const char *pid = g_subprocess_get_identifier (process);

      write_pid (lock, pid);
      setpriority (PRIO_PROCESS, (id_t)atoi (pid), NICENESS);
    }
  close (lock); /* the process has it, too */
  return process;
}

void
tpda_training_process_interrupt (const char *folder)
{
  int pid = tpda_training_process_get_pid (folder);

  if (pid > 1)
    kill (pid, SIGINT);
}

char *
tpda_training_process_read_stderr (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, STDERR, NULL);
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return g_strdup ("");
  return g_utf8_make_valid (text + (length > MAX_STDERR ? length - MAX_STDERR : 0), -1);
}

/* ── how it ended ── */

/* The command's last line, without its name in front. */
static char *
last_line (const char *said)
{
  g_autofree char *text = g_strchomp (g_strdup (said));
  const char *line = strrchr (text, '\n');

  line = line != NULL ? line + 1 : text;
  return g_strdup (g_str_has_prefix (line, PROGRAM " train: ") ? line + strlen (PROGRAM " train: ")
                                                               : line);
}

GError *
tpda_training_process_find_error (GSubprocess *process, const char *said)
{
  g_autofree char *message = last_line (said);
  int status;

  if (g_subprocess_get_if_signaled (process) && g_subprocess_get_term_sig (process) != SIGINT)
    return g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED,
                        _ ("The process was ended by signal %d (%s). Resuming goes on from its "
                           "last checkpoint."),
                        g_subprocess_get_term_sig (process),
                        g_strsignal (g_subprocess_get_term_sig (process)));
  status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : 0;
  if (status == 0 || status == EXIT_INTERRUPTED)
    return NULL;
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED,
                              *message != '\0' ? message : _ ("The process said nothing."));
}
