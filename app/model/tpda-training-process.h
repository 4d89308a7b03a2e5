/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* `tpdiff train` in a process of its own, which outlives the application. It holds a lock on a file
 * of its run's folder as long as it lives: whoever finds the lock taken knows that the training
 * runs, and from the file's content as which process. What it says on stderr is kept in the folder.
 */

/* The program `tpdiff`: beside the application, where it is installed, or on PATH. NULL, and
 * G_IO_ERROR_NOT_FOUND, if it is nowhere. */
char *tpda_training_process_find_program (GError **error);

/* Starts it for a run's folder, with arguments that end with NULL. G_IO_ERROR_BUSY if a training
 * runs there already. */
GSubprocess *tpda_training_process_start (const char *folder, const char *program,
                                          const char *const *arguments, GError **error);

/* The process that trains in this folder; 0 if none does. */
int tpda_training_process_get_pid (const char *folder);

/* Asks it to save and end. */
void tpda_training_process_interrupt (const char *folder);

/* The end of what it said on stderr. */
char *tpda_training_process_read_stderr (const char *folder);

/* What is wrong if a process ended like this and has said this on stderr; NULL if nothing is. */
GError *tpda_training_process_find_error (GSubprocess *process, const char *said);

G_END_DECLS
