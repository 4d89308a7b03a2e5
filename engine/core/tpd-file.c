/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _TpdFileWriter
{
  /* owned */
  char *shown;     /* the path as the caller wrote it */
  char *path;      /* the same with symbolic links followed */
  char *temporary; /* NULL when writing directly, and after the commit */
  FILE *stream;
};

GBytes *
tpd_file_map (const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &local);
  gboolean missing;

  if (file != NULL)
    return g_mapped_file_get_bytes (file);
  missing = g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
            g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
  if (missing)
    g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND, "%s: there is no such file", path);
  else
    g_set_error (error, TPD_ERROR, TPD_ERROR_FAILED, "%s: cannot be read: %s", path,
                 g_file_test (path, G_FILE_TEST_IS_DIR) ? "it is a folder" : local->message);
  return NULL;
}

static gboolean
set_errno_error (const char *path, int code, GError **error)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", path, g_strerror (code));
  return FALSE;
}

static gboolean
fail (const TpdFileWriter *self, GError **error)
{
  return set_errno_error (self->shown, errno, error);
}

char *
tpd_file_temporary_prefix (const char *name)
{
  /* Short enough for any file system, whatever the name. */
  return g_strdup_printf (".%.200s.tpd-", name);
}

/* A new file beside `path`, with the mode of the one it replaces. */
static int
open_temporary (TpdFileWriter *self, const struct stat *old)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *name = g_path_get_basename (self->path);
  g_autofree char *prefix = tpd_file_temporary_prefix (name);
  int fd;

  self->temporary = g_strconcat (folder, "/", prefix, "XXXXXX", NULL);
  fd = g_mkstemp_full (self->temporary, O_WRONLY | O_CLOEXEC, 0666);
  if (fd < 0)
    g_clear_pointer (&self->temporary, g_free);
  else if (old != NULL && fchmod (fd, old->st_mode & 0777) != 0)
    errno = 0; /* some file systems have no modes: the default will do */
  return fd;
}

TpdFileWriter *
tpd_file_writer_open (const char *path, GError **error)
{
  g_autoptr (TpdFileWriter) self = g_new0 (TpdFileWriter, 1);
  char resolved[PATH_MAX];
  struct stat old;
  gboolean exists = stat (path, &old) == 0;
  int fd;

  self->shown = g_strdup (path);
  self->path = g_strdup (exists && realpath (path, resolved) != NULL ? resolved : path);
  if (exists && !S_ISREG (old.st_mode))
    fd = g_open (path, O_WRONLY | O_CLOEXEC, 0);
  else
    fd = open_temporary (self, exists ? &old : NULL);
  if (fd < 0)
    {
      fail (self, error);
      return NULL;
    }
  self->stream = fdopen (fd, "wb");
  g_assert (self->stream != NULL);
  return g_steal_pointer (&self);
}

gboolean
tpd_file_writer_write (TpdFileWriter *self, gconstpointer data, gsize n_bytes, GError **error)
{
  return fwrite (data, 1, n_bytes, self->stream) == n_bytes || fail (self, error);
}

gboolean
tpd_file_writer_seek (TpdFileWriter *self, guint64 offset, GError **error)
{
  return fseeko (self->stream, (off_t)offset, SEEK_SET) == 0 || fail (self, error);
}

/* A rename is on the disk when its folder is. Not every file system can sync a folder; the file
 * itself is safe by then. */
static void
sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  if (fd >= 0)
    {
      fsync (fd);
      close (fd);
    }
}

gboolean
tpd_file_writer_commit (TpdFileWriter *self, GError **error)
{
  FILE *stream;

  if (fflush (self->stream) != 0 || (self->temporary != NULL && fsync (fileno (self->stream)) != 0))
    return fail (self, error);
  stream = g_steal_pointer (&self->stream);
  if (fclose (stream) != 0)
    return fail (self, error);
  if (self->temporary == NULL)
    return TRUE;
  if (g_rename (self->temporary, self->path) != 0)
    return fail (self, error);
  g_clear_pointer (&self->temporary, g_free);
  sync_folder (self->path);
  return TRUE;
}

void
tpd_file_writer_free (TpdFileWriter *self)
{
  if (self->stream != NULL)
    fclose (self->stream);
  if (self->temporary != NULL)
    g_unlink (self->temporary);
  g_free (self->temporary);
  g_free (self->path);
  g_free (self->shown);
  g_free (self);
}

gboolean
tpd_file_write_text (const char *path, const char *text, GError **error)
{
  g_autoptr (TpdFileWriter) writer = tpd_file_writer_open (path, error);

  return writer != NULL && tpd_file_writer_write (writer, text, strlen (text), error) &&
         tpd_file_writer_commit (writer, error);
}
