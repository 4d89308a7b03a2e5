/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-record-file.h"

#include <string.h>

#include "../core/tpd-file.h"

#define PNG_MAGIC "\x89PNG\r\n\x1a\n"

/* No record is longer, and films are not copied to see that they are none. */
#define MAX_BYTES (1024 * 1024)

gboolean
tpd_record_is_one (const char *text)
{
  while (g_ascii_isspace (*text))
    text++;
  return *text == '{' && strstr (text, "\"tpdiff\"") != NULL;
}

/* What is left of a file. */
typedef struct
{
  const guint8 *data;
  gsize n;
} Bytes;

/* Takes n bytes off the front; fewer if there are fewer. */
static Bytes
take (Bytes *rest, gsize n)
{
  Bytes taken = {rest->data, MIN (n, rest->n)};

  rest->data += taken.n;
  rest->n -= taken.n;
  return taken;
}

static guint8
take_byte (Bytes *rest)
{
  Bytes byte = take (rest, 1);

  return byte.n == 1 ? *byte.data : 0;
}

/* Up to and without the next 0, which is taken too. */
static Bytes
take_string (Bytes *rest)
{
  const guint8 *end = memchr (rest->data, 0, rest->n);
  Bytes string = take (rest, end != NULL ? (gsize)(end - rest->data) : rest->n);

  take (rest, 1);
  return string;
}

static guint32
big_endian (Bytes four)
{
  return four.n < 4 ? 0
                    : (guint32)four.data[0] << 24 | (guint32)four.data[1] << 16 |
                          (guint32)four.data[2] << 8 | four.data[3];
}

static gboolean
starts_with (Bytes bytes, const char *magic, gsize n)
{
  return bytes.n >= n && memcmp (bytes.data, magic, n) == 0;
}

/* (transfer full) (nullable): the bytes, if they are a record */
static char *
as_record (Bytes bytes)
{
  char *text;

  if (bytes.n == 0 || bytes.n > MAX_BYTES)
    return NULL;
  text = g_strndup ((const char *)bytes.data, bytes.n);
  if (!tpd_record_is_one (text))
    g_clear_pointer (&text, g_free);
  return text;
}

/* ── PNG: chunks of length, type, data, checksum ── */

static char *
read_png (Bytes rest)
{
  char *record = NULL;

  take (&rest, strlen (PNG_MAGIC));
  while (record == NULL && rest.n > 0)
    {
      guint32 n = big_endian (take (&rest, 4));
      Bytes type = take (&rest, 4);
      Bytes text = take (&rest, n);
      gboolean international = starts_with (type, "iTXt", 4);

      take (&rest, 4);
      if (!international && !starts_with (type, "tEXt", 4))
        continue;
      take_string (&text); /* keyword */
      if (international)
        {
          take (&text, 2);     /* how it is compressed */
          take_string (&text); /* language */
          take_string (&text); /* keyword in that */
        }
      record = as_record (text);
    }
  return record;
}

/* ── GIF: blocks of sub-blocks ── */

/* The bytes of all sub-blocks up to the empty one. */
static GByteArray *
take_sub_blocks (Bytes *rest)
{
  GByteArray *all = g_byte_array_new ();
  guint8 n;

  while ((n = take_byte (rest)) > 0)
    {
      Bytes block = take (rest, n);

      g_byte_array_append (all, block.data, (guint)block.n);
    }
  return all;
}

/* A colour table whose size is in the flags. */
static void
skip_table (Bytes *rest, guint8 flags)
{
  if (flags & 0x80)
    take (rest, (gsize)3 << ((flags & 7) + 1));
}

static guint8
flags_of (Bytes descriptor, gsize at)
{
  return descriptor.n > at ? descriptor.data[at] : 0;
}

static char *
read_gif (Bytes rest)
{
  char *record = NULL;

  take (&rest, strlen ("GIF89a"));
  skip_table (&rest, flags_of (take (&rest, 7), 4));
  while (record == NULL && rest.n > 0)
    {
      g_autoptr (GByteArray) block = NULL;
      guint8 kind = take_byte (&rest), label = 0;

      if (kind == 0x21)
        label = take_byte (&rest);
      else if (kind == 0x2c)
        {
          skip_table (&rest, flags_of (take (&rest, 9), 8));
          take (&rest, 1); /* size of the first codes */
        }
      else
        break; /* the end, or damage */
      block = take_sub_blocks (&rest);
      if (kind == 0x21 && label == 0xfe)
        record = as_record ((Bytes){block->data, block->len});
    }
  return record;
}

/* ── WebP: RIFF chunks; XMP is XML ── */

static void
on_text (GMarkupParseContext *context, const char *text, gsize n, gpointer record, GError **error)
{
  if (*(char **)record == NULL)
    *(char **)record = as_record ((Bytes){(const guint8 *)text, n});
}

static char *
read_xmp (Bytes packet)
{
  const GMarkupParser parser = {.text = on_text};
  char *record = NULL;
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &record, NULL);

  g_markup_parse_context_parse (context, (const char *)packet.data, (gssize)packet.n, NULL);
  return record;
}

static char *
read_webp (Bytes rest)
{
  char *record = NULL;

  take (&rest, strlen ("RIFFsizeWEBP"));
  while (record == NULL && rest.n > 0)
    {
      Bytes type = take (&rest, 4);
      guint32 n = GUINT32_SWAP_LE_BE (big_endian (take (&rest, 4)));
      Bytes chunk = take (&rest, n);

      take (&rest, n & 1);
      if (starts_with (type, "XMP ", 4))
        record = read_xmp (chunk);
    }
  return record;
}

gboolean
tpd_record_file_parse (const guint8 *data, gsize n, char **record)
{
  const Bytes file = {data, n};

  if (starts_with (file, PNG_MAGIC, strlen (PNG_MAGIC)))
    *record = read_png (file);
  else if (starts_with (file, "GIF8", 4))
    *record = read_gif (file);
  else if (file.n >= 12 && starts_with (file, "RIFF", 4) && memcmp (file.data + 8, "WEBP", 4) == 0)
    *record = read_webp (file);
  else
    return (*record = as_record (file)) != NULL;
  return TRUE;
}

gboolean
tpd_record_file_read (const char *path, char **record, GError **error)
{
  g_autoptr (GBytes) file = tpd_file_map (path, error);

  if (file == NULL)
    return FALSE;
  if (tpd_record_file_parse (g_bytes_get_data (file, NULL), g_bytes_get_size (file), record))
    return TRUE;
  tpd_error_set (error, TPD_ERROR_UNSUPPORTED,
                 "%s: expected a PNG, GIF or WebP picture, or a settings record", path);
  return FALSE;
}
