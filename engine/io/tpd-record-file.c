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

/* Takes the bytes down, if they are a record. */
static void
add_record (GStrvBuilder *records, Bytes bytes)
{
  g_autofree char *text = NULL;

  if (bytes.n == 0 || bytes.n > MAX_BYTES)
    return;
  text = g_strndup ((const char *)bytes.data, bytes.n);
  if (tpd_record_is_one (text))
    g_strv_builder_add (records, text);
}

/* ── PNG: chunks of length, type, data, checksum ── */

static void
read_png (Bytes rest, GStrvBuilder *records)
{
  take (&rest, strlen (PNG_MAGIC));
  while (rest.n > 0)
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
      add_record (records, text);
    }
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

static void
read_gif (Bytes rest, GStrvBuilder *records)
{
  take (&rest, strlen ("GIF89a"));
  skip_table (&rest, flags_of (take (&rest, 7), 4));
  while (rest.n > 0)
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
        add_record (records, (Bytes){block->data, block->len});
    }
}

/* ── WebP: RIFF chunks; XMP is XML ── */

static void
on_text (GMarkupParseContext *context, const char *text, gsize n, gpointer records, GError **error)
{
  add_record (records, (Bytes){(const guint8 *)text, n});
}

static void
read_xmp (Bytes packet, GStrvBuilder *records)
{
  const GMarkupParser parser = {.text = on_text};
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, records, NULL);

  g_markup_parse_context_parse (context, (const char *)packet.data, (gssize)packet.n, NULL);
}

static void
read_webp (Bytes rest, GStrvBuilder *records)
{
  take (&rest, strlen ("RIFFsizeWEBP"));
  while (rest.n > 0)
    {
      Bytes type = take (&rest, 4);
      guint32 n = GUINT32_SWAP_LE_BE (big_endian (take (&rest, 4)));
      Bytes chunk = take (&rest, n);

      take (&rest, n & 1);
      if (starts_with (type, "XMP ", 4))
        read_xmp (chunk, records);
    }
}

/* FALSE if it is a file of another kind. */
static gboolean
read_file (Bytes file, GStrvBuilder *records)
{
  if (starts_with (file, PNG_MAGIC, strlen (PNG_MAGIC)))
    read_png (file, records);
  else if (starts_with (file, "GIF8", 4))
    read_gif (file, records);
  else if (file.n >= 12 && starts_with (file, "RIFF", 4) && memcmp (file.data + 8, "WEBP", 4) == 0)
    read_webp (file, records);
  else
    return FALSE;
  return TRUE;
}

gboolean
tpd_record_file_parse (const guint8 *data, gsize n, GStrv *records)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const Bytes file = {data, n};
  gboolean is_picture = read_file (file, builder);

  if (!is_picture)
    add_record (builder, file);
  *records = g_strv_builder_end (builder);
  return is_picture || **records != NULL;
}

gboolean
tpd_record_file_read (const char *path, GStrv *records, GError **error)
{
  g_autoptr (GBytes) file = tpd_file_map (path, error);

  if (file == NULL)
    return FALSE;
  if (tpd_record_file_parse (g_bytes_get_data (file, NULL), g_bytes_get_size (file), records))
    return TRUE;
  g_clear_pointer (records, g_strfreev);
  tpd_error_set (error, TPD_ERROR_UNSUPPORTED,
                 "%s: expected a PNG, GIF or WebP picture, or a settings record", path);
  return FALSE;
}
