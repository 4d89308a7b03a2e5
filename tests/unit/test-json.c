/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tpd-json.h"

static JsonObject *
parse (const char *text, GError **error)
{
  return tpd_json_parse (text, strlen (text), "test.json", error);
}

static void
test_object (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object =
      parse (" {\"a\": [1, -2.5e3], \"b\": \"[[{\\\"\\u00e9\\ud83d\\ude00\"} ", &error);

  g_assert_no_error (error);
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (object, "a"), 0), ==,
                   1);
  g_assert_cmpstr (json_object_get_string_member (object, "b"), ==, "[[{\"é😀");
}

static void
test_refused (void)
{
  g_autofree char *deep = g_strnfill (1000000, '[');
  g_autofree char *hidden = g_strconcat ("/* \" */", deep, NULL);
  const char *const texts[] = {"",        " ",          "[1]",           "{\"a\": }", "{\"a\": \"b",
                               "{\"a\"}", "{} // more", "{\"\xff\": 1}", deep,        hidden};

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (texts[i], &error));
      g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA);
      g_assert_true (g_str_has_prefix (error->message, "test.json: "));
    }
}

static void
test_missing_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (tpd_json_read_file ("/nonexistent/config.json", &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/nonexistent/config.json"));
}

static void
test_format (void)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *text = NULL;

  json_object_set_int_member (object, "version", 1);
  text = tpd_json_format (object);
  g_assert_cmpstr (text, ==, "{\n  \"version\" : 1\n}\n");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/object", test_object);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/missing-file", test_missing_file);
  g_test_add_func ("/json/format", test_format);
  return g_test_run ();
}
