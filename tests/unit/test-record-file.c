/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/tpd-record-file.h"

#include <glib/gstdio.h>
#include <string.h>

#include "io/tpd-image.h"

#define RECORD "{\"tpdiff\":1,\"prompt\":\"a \\\"red\\\" star & more\"}"

/* Bytes of a file, written as one would describe it. */
static void
add (GByteArray *file, const char *bytes, gsize n)
{
  g_byte_array_append (file, (const guint8 *)bytes, (guint)n);
}
#define ADD(file, literal) add (file, literal, sizeof (literal) - 1)

/* The records in a file, with a line feed after each. */
static char *
parse (GByteArray *file)
{
  g_auto (GStrv) records = NULL;
  GString *lines = g_string_new (NULL);

  g_assert_true (tpd_record_file_parse (file->data, file->len, &records));
  for (guint i = 0; records[i] != NULL; i++)
    g_string_append_printf (lines, "%s\n", records[i]);
  return g_string_free (lines, FALSE);
}

/* However much of it is missing, nothing is read that is not there. */
static void
check_truncated (GByteArray *file)
{
  for (guint n = 0; n < file->len; n++)
    {
      g_autofree guint8 *exact = g_memdup2 (file->data, n);
      g_auto (GStrv) records = NULL;

      tpd_record_file_parse (exact, n, &records);
    }
}

static void
test_is_one (void)
{
  g_assert_true (tpd_record_is_one (RECORD));
  g_assert_true (tpd_record_is_one (" \n{\"tpdiff\": 99"));
  g_assert_false (tpd_record_is_one (""));
  g_assert_false (tpd_record_is_one ("tpdiff made this"));
  g_assert_false (tpd_record_is_one ("{\"workflow\": {}}"));
}

static void
add_chunk (GByteArray *file, const char *type, const char *data, guint n)
{
  guint32 length = GUINT32_TO_BE (n);

  add (file, (const char *)&length, 4);
  add (file, type, 4);
  add (file, data, n);
  ADD (file, "sum!");
}

static void
test_png (void)
{
  static const char plain[] = "Comment\0" RECORD;
  static const char international[] = "Comment\0\0\0en\0Kommentar\0" RECORD;
  static const char remark[] = "Comment\0made with love";

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GByteArray) file = g_byte_array_new ();
      g_autofree char *record = NULL;

      ADD (file, "\x89PNG\r\n\x1a\n");
      add_chunk (file, "IHDR", "0123456789abc", 13);
      add_chunk (file, "tEXt", remark, sizeof remark - 1);
      if (i == 0)
        add_chunk (file, "tEXt", plain, sizeof plain - 1);
      else if (i == 1)
        add_chunk (file, "iTXt", international, sizeof international - 1);
      add_chunk (file, "IEND", "", 0);
      record = parse (file);
      g_assert_cmpstr (record, ==, i < 2 ? RECORD "\n" : "");
      check_truncated (file);
    }
}

/* What we write ourselves. */
static void
test_own_png (void)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "tpd-record.png", NULL);
  g_autoptr (TpdImage) image = tpd_image_new (3, 2);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) records = NULL;

  image->comment = g_strdup (RECORD);
  tpd_image_write_png (image, path, &error);
  g_assert_no_error (error);
  g_assert_true (tpd_record_file_read (path, &records, &error));
  g_assert_cmpuint (g_strv_length (records), ==, 1);
  g_assert_cmpstr (records[0], ==, RECORD);
  g_remove (path);
}

/* A long comment is in several sub-blocks; colour tables and pictures are skipped. */
static void
test_gif (void)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autofree char *spaces = g_strnfill (300, ' ');
  g_autofree char *text = g_strconcat (spaces, RECORD, NULL);
  g_autofree char *record = NULL;

  ADD (file, "GIF89a\1\0\1\0\x80\0\0"
             "abcdef");
  ADD (file, "\x21\xf9\x04"
             "1234"
             "\0");
  ADD (file, "\x21\xfe\x04"
             "love"
             "\0");
  ADD (file, "\x2c"
             "12345678"
             "\x80"
             "abcdef"
             "\x02\x03"
             "lzw"
             "\0");
  ADD (file, "\x21\xfe");
  for (gsize at = 0; at < strlen (text); at += 255)
    {
      guint8 n = (guint8)MIN (255, strlen (text) - at);

      add (file, (const char *)&n, 1);
      add (file, text + at, n);
    }
  ADD (file, "\0");
  ADD (file, "\x21\xfe\x0a{\"tpdiff\"}\0;"); /* of a second clip */
  record = parse (file);
  g_assert_cmpstr (g_strchug (record), ==, RECORD "\n{\"tpdiff\"}\n");
  check_truncated (file);
}

static void
test_webp (void)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autofree char *escaped = g_markup_escape_text (RECORD, -1);
  g_autofree char *xmp = g_strdup_printf (
      "<?xpacket begin=\"\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><a>title</a>"
      "<exif:UserComment><rdf:li xml:lang=\"x-default\">%s</rdf:li></exif:UserComment></x:xmpmeta>",
      escaped);
  guint32 n = GUINT32_TO_LE ((guint32)strlen (xmp));
  g_autofree char *record = NULL;

  ADD (file, "RIFFsizeWEBP");
  ADD (file, "VP8X\3\0\0\0abc\0");
  ADD (file, "XMP ");
  add (file, (const char *)&n, 4);
  add (file, xmp, strlen (xmp));
  record = parse (file);
  g_assert_cmpstr (record, ==, RECORD "\n");
  check_truncated (file);
}

static void
test_others (void)
{
  const char film[] = "\0\0\0\x20"
                      "ftypisom";
  g_auto (GStrv) none = NULL, empty = NULL, records = NULL, missing = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (tpd_record_file_parse ((const guint8 *)film, sizeof film, &none));
  g_assert_false (tpd_record_file_parse (NULL, 0, &empty));
  g_assert_true (tpd_record_file_parse ((const guint8 *)RECORD, strlen (RECORD), &records));
  g_assert_cmpuint (g_strv_length (records), ==, 1);
  g_assert_cmpstr (records[0], ==, RECORD);
  g_assert_false (tpd_record_file_read ("/nonexistent", &missing, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record-file/is-one", test_is_one);
  g_test_add_func ("/record-file/png", test_png);
  g_test_add_func ("/record-file/own-png", test_own_png);
  g_test_add_func ("/record-file/gif", test_gif);
  g_test_add_func ("/record-file/webp", test_webp);
  g_test_add_func ("/record-file/others", test_others);
  return g_test_run ();
}
