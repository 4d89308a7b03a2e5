/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-config.h"

/* The value of a key, or NULL if it is absent or null. */
static JsonNode *
present (JsonObject *config, const char *key)
{
  JsonNode *node = json_object_get_member (config, key);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static gboolean
wrong (JsonNode *node, const char *where, const char *key, const char *expected, GError **error)
{
  g_autofree char *got = json_to_string (node, FALSE);

  tpd_error_set (error, TPD_ERROR_INVALID_DATA, "%s: \"%s\" should be %s, but is %.80s", where, key,
                 expected, got);
  return FALSE;
}

static gboolean
is_int_within (JsonNode *node, gint64 min, gint64 max)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 &&
         json_node_get_int (node) >= min && json_node_get_int (node) <= max;
}

gboolean
tpd_config_get_int (JsonObject *config, const char *where, const char *key, gint64 min, gint64 max,
                    gint64 *value, GError **error)
{
  JsonNode *node = present (config, key);

  if (node == NULL)
    return TRUE;
  if (!is_int_within (node, min, max))
    {
      g_autofree char *expected =
          g_strdup_printf ("an integer from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, min, max);

      return wrong (node, where, key, expected, error);
    }
  *value = json_node_get_int (node);
  return TRUE;
}

static gboolean
is_number (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && (json_node_get_value_type (node) == G_TYPE_INT64 ||
                                          json_node_get_value_type (node) == G_TYPE_DOUBLE);
}

gboolean
tpd_config_get_double (JsonObject *config, const char *where, const char *key, double *value,
                       GError **error)
{
  JsonNode *node = present (config, key);

  if (node == NULL)
    return TRUE;
  if (!is_number (node))
    return wrong (node, where, key, "a number", error);
  *value = json_node_get_double (node);
  return TRUE;
}

gboolean
tpd_config_get_bool (JsonObject *config, const char *where, const char *key, gboolean *value,
                     GError **error)
{
  JsonNode *node = present (config, key);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return wrong (node, where, key, "true or false", error);
  *value = json_node_get_boolean (node);
  return TRUE;
}

gboolean
tpd_config_get_ints (JsonObject *config, const char *where, const char *key, gint64 min, gint64 max,
                     gint64 *values, guint *n, GError **error)
{
  JsonNode *node = present (config, key);
  g_autofree char *expected = g_strdup_printf (
      "a list of at most %u integers from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, *n, min, max);
  JsonArray *array;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node) || json_array_get_length (json_node_get_array (node)) > *n)
    return wrong (node, where, key, expected, error);
  array = json_node_get_array (node);
  *n = json_array_get_length (array);
  for (guint i = 0; i < *n; i++)
    {
      if (!is_int_within (json_array_get_element (array, i), min, max))
        return wrong (node, where, key, expected, error);
      values[i] = json_array_get_int_element (array, i);
    }
  return TRUE;
}

gboolean
tpd_config_get_doubles (JsonObject *config, const char *where, const char *key, double *values,
                        guint *n, GError **error)
{
  JsonNode *node = present (config, key);
  g_autofree char *expected = g_strdup_printf ("a list of at most %u numbers", *n);
  JsonArray *array;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node) || json_array_get_length (json_node_get_array (node)) > *n)
    return wrong (node, where, key, expected, error);
  array = json_node_get_array (node);
  *n = json_array_get_length (array);
  for (guint i = 0; i < *n; i++)
    {
      if (!is_number (json_array_get_element (array, i)))
        return wrong (node, where, key, expected, error);
      values[i] = json_array_get_double_element (array, i);
    }
  return TRUE;
}

gboolean
tpd_config_get_string (JsonObject *config, const char *where, const char *key,
                       const char *const *allowed, const char **value, GError **error)
{
  JsonNode *node = present (config, key);
  g_autofree char *choices = NULL;

  if (node == NULL)
    return TRUE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING &&
      (allowed == NULL || g_strv_contains (allowed, json_node_get_string (node))))
    {
      *value = json_node_get_string (node);
      return TRUE;
    }
  choices = allowed != NULL ? g_strjoinv (" or ", (char **)allowed) : g_strdup ("a string");
  return wrong (node, where, key, choices, error);
}

gboolean
tpd_config_get_object (JsonObject *config, const char *where, const char *key, JsonObject **value,
                       GError **error)
{
  JsonNode *node = present (config, key);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return wrong (node, where, key, "an object", error);
  *value = json_node_get_object (node);
  return TRUE;
}
