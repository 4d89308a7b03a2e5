/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/tpd-safetensors.h"

#include <glib/gstdio.h>
#include <string.h>

/* A file with this header (its length is written in front) and so many bytes of data: 0, 1, 2, … */
static GBytes *
make_file (const char *header, gsize n_data)
{
  GByteArray *file = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE ((guint64)strlen (header));

  g_byte_array_append (file, (const guint8 *)&length, 8);
  g_byte_array_append (file, (const guint8 *)header, (guint)strlen (header));
  for (gsize i = 0; i < n_data; i++)
    g_byte_array_append (file, &(guint8){(guint8)i}, 1);
  return g_byte_array_free_to_bytes (file);
}

static void
test_tensors (void)
{
  g_autoptr (GBytes) bytes = make_file (
      "{\"__metadata__\": {\"format\": \"pt\"},"
      "\"b\\u00e9\\n\": {\"shape\": [2, 3], \"dtype\": \"U8\", \"data_offsets\": [4, 10]},"
      "\"a\": {\"dtype\": \"F32\", \"shape\": [], \"data_offsets\": [0, 4]},"
      "\"none\": {\"dtype\": \"BF16\", \"shape\": [0, 7], \"data_offsets\": [4, 4]}}   ",
      10);
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdSafetensors) file = tpd_safetensors_new_from_bytes (bytes, "test", &error);
  const char *const expected[] = {"a", "none", "bé\n", NULL};
  TpdHostTensor tensor;
  float scalar;

  g_assert_no_error (error);
  g_assert_cmpstrv (tpd_safetensors_get_names (file), expected);
  g_assert_cmpuint (tpd_safetensors_get_n_bytes (file), ==, 10);
  g_assert_cmpstr (tpd_safetensors_get_metadata (file, "format"), ==, "pt");
  g_assert_null (tpd_safetensors_get_metadata (file, "a"));

  g_assert_true (tpd_safetensors_lookup (file, "bé\n", &tensor));
  g_assert_cmpint (tensor.dtype, ==, TPD_U8);
  g_assert_cmpint (tensor.n_dims, ==, 2);
  g_assert_cmpint (tensor.shape[1], ==, 3);
  g_assert_cmpmem (tensor.data, 6, ((guint8[]){4, 5, 6, 7, 8, 9}), 6);

  g_assert_true (tpd_safetensors_lookup_func ("a", &tensor, file));
  g_assert_cmpint (tensor.n_dims, ==, 0);
  g_assert_cmpuint ((guintptr)tensor.data % sizeof (float), ==, 0);
  memcpy (&scalar, (guint8[]){0, 1, 2, 3}, 4);
  g_assert_cmpfloat (*(const float *)tensor.data, ==, scalar);

  g_assert_false (tpd_safetensors_lookup (file, "c", &tensor));
  g_assert_false (tpd_safetensors_require (file, "c", &tensor, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "test: there is no tensor \"c\"");
}

/* Tensors that follow one of an odd size are still aligned where they are read. */
static void
test_alignment (void)
{
  for (int padding = 0; padding < 8; padding++)
    {
      g_autofree char *header =
          g_strdup_printf ("{\"odd\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                           "\"wide\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[3,19]}}%*s",
                           padding, "");
      g_autoptr (GBytes) bytes = make_file (header, 19);
      g_autoptr (GError) error = NULL;
      g_autoptr (TpdSafetensors) file = tpd_safetensors_new_from_bytes (bytes, "test", &error);
      TpdHostTensor tensor;

      g_assert_no_error (error);
      g_assert_true (tpd_safetensors_lookup (file, "wide", &tensor));
      g_assert_cmpuint ((guintptr)tensor.data % 8, ==, 0);
      g_assert_cmpint (((const gint64 *)tensor.data)[0], ==, 0x0a09080706050403);
    }
}

#define F32(name, shape, begin, end)                                                               \
  "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" #begin "," #end "]}"

/* Each must be refused, with a message that holds this. */
static const struct
{
  const char *what;
  const char *header;
  gsize n_data;
  const char *message;
} hostile[] = {
    {"not-json", "hello", 0, "expected '{'"},
    {"cut-off", "{\"a\"", 0, "expected ':'"},
    {"trailing", "{}}", 0, "nothing more"},
    {"not-utf8", "{\"\xff\":1}", 0, "UTF-8"},
    {"nul", "{\"\\u0000\":1}", 0, "escape"},
    {"lone-surrogate", "{\"\\ud800\":1}", 0, "escape"},
    {"newline-in-string", "{\"a\n\":1}", 0, "end of a string"},
    {"nested", "{\"a\":[[[[[[[[[[", 0, "expected '{'"},
    {"duplicate", "{" F32 ("a", "[1]", 0, 4) "," F32 ("a", "[1]", 4, 8) "}", 8, "\"a\" twice"},
    {"duplicate-escaped", "{" F32 ("a", "[1]", 0, 4) "," F32 ("\\u0061", "[1]", 4, 8) "}", 8,
     "\"a\" twice"},
    {"duplicate-property", "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0, "second \"dtype\""},
    {"unknown-property", "{\"a\":{\"sparse\":1}}", 0, "unknown property \"sparse\""},
    {"no-shape", "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "no \"shape\""},
    {"unknown-dtype", "{\"a\":{\"dtype\":\"F7\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
     "dtype \"F7\""},
    {"negative", "{" F32 ("a", "[-1]", 0, 4) "}", 4, "non-negative"},
    {"fraction", "{" F32 ("a", "[1.5]", 0, 4) "}", 4, "expected ']'"},
    {"huge-number", "{" F32 ("a", "[99999999999999999999]", 0, 4) "}", 4, "below 2^63"},
    {"huge-shape", "{" F32 ("a", "[4294967296,4294967296]", 0, 0) "}", 0, "can be counted"},
    {"huge-offsets", "{" F32 ("a", "[1]", 9223372036854775803, 9223372036854775807) "}", 4,
     "file holds only 4"},
    {"many-dims", "{" F32 ("a", "[1,1,1,1,1,1,1]", 0, 4) "}", 4, "more than 6 dimensions"},
    {"wrong-size", "{" F32 ("a", "[2, 3]", 0, 20) "}", 20,
     "F32 [2, 3], needs 24 bytes, but its data_offsets are [0, 20]"},
    {"backwards", "{" F32 ("a", "[1]", 4, 0) "}", 4, "needs 4 bytes"},
    {"past-the-end", "{" F32 ("a", "[2]", 0, 8) "}", 4, "truncated"},
    {"overlap", "{" F32 ("a", "[2]", 0, 8) "," F32 ("b", "[2]", 4, 12) "}", 12,
     "\"b\" begins at byte 4 of the data, but the one before it ends at 8"},
    {"gap", "{" F32 ("a", "[1]", 0, 4) "," F32 ("b", "[1]", 8, 12) "}", 12, "before it ends at 4"},
    {"trailing-data", "{" F32 ("a", "[1]", 0, 4) "}", 5, "the file holds 5"},
    {"metadata-number", "{\"__metadata__\":{\"a\":1}}", 0, "expected a string"},
};

static void
test_hostile (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GBytes) bytes = make_file (hostile[i].header, hostile[i].n_data);
  g_autoptr (GError) error = NULL;

  g_assert_null (tpd_safetensors_new_from_bytes (bytes, "dir/x.safetensors", &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA);
  g_assert_true (g_str_has_prefix (error->message, "dir/x.safetensors: "));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, hostile[i].message));
}

/* A good file, cut off at every length, is refused and never read beyond its end. */
static void
test_truncated (void)
{
  g_autoptr (GBytes) whole = make_file ("{" F32 ("a", "[2,2]", 0, 16) "}", 16);

  for (gsize n = 0; n < g_bytes_get_size (whole); n++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (g_bytes_get_data (whole, NULL), n);
      g_autoptr (GError) error = NULL;

      g_assert_null (tpd_safetensors_new_from_bytes (bytes, "test", &error));
      g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA);
    }
}

static void
test_header_length (void)
{
  const guint64 lengths[] = {G_MAXUINT64, G_MAXUINT64 - 7, G_MAXINT64, 100000001, 9};

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      guint64 file[2] = {GUINT64_TO_LE (lengths[i]), 0};
      g_autoptr (GBytes) bytes = g_bytes_new (file, sizeof file);
      g_autoptr (GError) error = NULL;

      g_assert_null (tpd_safetensors_new_from_bytes (bytes, "test", &error));
      g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA);
    }
}

/* ── files ── */

static char *
put (const char *folder, const char *name, GBytes *bytes)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_file_set_contents (path, data, (gssize)size, &error);
  g_assert_no_error (error);
  return path;
}

static void
put_index (const char *folder, const char *weight_map)
{
  g_autofree char *text = g_strdup_printf ("{\"weight_map\": %s}", weight_map);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  g_free (put (folder, "m.safetensors.index.json", bytes));
}

static void
assert_index_refused (const char *index, TpdError code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (tpd_safetensors_open (index, &error));
  g_assert_error (error, TPD_ERROR, (int)code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_shards (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_autofree char *index = g_build_filename (folder, "m.safetensors.index.json", NULL);
  g_autoptr (GBytes) first =
      make_file ("{" F32 ("a", "[1]", 0, 4) "," F32 ("b", "[1]", 4, 8) "}", 8);
  g_autoptr (GBytes) second = make_file ("{" F32 ("c", "[1]", 0, 4) "}", 4);
  g_autofree char *path1 = put (folder, "m-1.safetensors", first);
  g_autofree char *path2 = put (folder, "m-2.safetensors", second);
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdSafetensors) file = NULL;
  const char *const expected[] = {"a", "b", "c", NULL};

  put_index (folder, "{\"a\":\"m-1.safetensors\",\"c\":\"m-2.safetensors\","
                     "\"b\":\"m-1.safetensors\"}");
  file = tpd_safetensors_open (index, &error);
  g_assert_no_error (error);
  g_assert_cmpstrv (tpd_safetensors_get_names (file), expected);
  g_assert_cmpuint (tpd_safetensors_get_n_bytes (file), ==, 12);

  put_index (folder, "{\"a\":\"m-2.safetensors\"}");
  assert_index_refused (index, TPD_ERROR_INVALID_DATA, "\"a\" should be in m-2.safetensors");
  put_index (folder, "{\"a\":\"m-3.safetensors\"}");
  assert_index_refused (index, TPD_ERROR_NOT_FOUND, "m-3.safetensors");
  put_index (folder, "{\"a\":\"../m-1.safetensors\"}");
  assert_index_refused (index, TPD_ERROR_INVALID_DATA, "same folder");
  put_index (folder, "{\"a\":7}");
  assert_index_refused (index, TPD_ERROR_INVALID_DATA, "same folder");
  put_index (folder, "[]");
  assert_index_refused (index, TPD_ERROR_INVALID_DATA, "weight_map");

  g_remove (index);
  assert_index_refused (index, TPD_ERROR_NOT_FOUND, "m.safetensors.index.json");
  g_remove (path1);
  g_remove (path2);
  g_rmdir (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safetensors/tensors", test_tensors);
  g_test_add_func ("/safetensors/alignment", test_alignment);
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autofree char *path = g_strconcat ("/safetensors/hostile/", hostile[i].what, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_hostile);
    }
  g_test_add_func ("/safetensors/truncated", test_truncated);
  g_test_add_func ("/safetensors/header-length", test_header_length);
  g_test_add_func ("/safetensors/shards", test_shards);
  return g_test_run ();
}
