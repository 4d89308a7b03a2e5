/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "text/tpd-clip-text.h"

/* Numbers are compared with transformers in tests/golden/test-clip-text.c; here: configs, bad ids,
 * and that padding changes nothing. */

#define SMALL                                                                                      \
  "\"vocab_size\": 10, \"hidden_size\": 8, \"num_hidden_layers\": 1, \"num_attention_heads\": 2, " \
  "\"intermediate_size\": 8, \"max_position_embeddings\": 6, \"eos_token_id\": 9"

static TpdClipText *
parse (const char *text, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  return tpd_clip_text_new (json_node_get_object (node), "config.json", error);
}

typedef struct
{
  TpdContext *ctx;
  TpdClipText *model;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", NULL);
  g_autoptr (GError) error = NULL;

  self->ctx = tpd_context_new (device, &error);
  g_assert_no_error (error);
  self->model = parse ("{" SMALL "}", &error);
  g_assert_no_error (error);
  tpd_param_store_initialize (tpd_component_get_params (TPD_COMPONENT (self->model)), self->ctx, 1,
                              &error);
  g_assert_no_error (error);
  tpd_context_push_scope (self->ctx);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  tpd_context_pop_scope (self->ctx, NULL);
  g_object_unref (self->model);
  g_object_unref (self->ctx);
}

static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdClipText) model = parse ("{\"num_hidden_layers\": 0}", &error);

  g_assert_no_error (error);
  g_assert_cmpint (tpd_clip_text_get_vocab_size (model), ==, 49408);
  g_assert_cmpint (tpd_clip_text_get_hidden_size (model), ==, 512);
  g_assert_cmpint (tpd_clip_text_get_max_length (model), ==, 77);
}

static void
check_refused (const char *config, TpdError code, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdClipText) model = parse (config, &error);

  g_assert_null (model);
  g_assert_error (error, TPD_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, key));
}

static void
test_bad_configs (void)
{
  check_refused ("{\"num_attention_heads\": 7}", TPD_ERROR_MISMATCH, "num_attention_heads");
  check_refused ("{\"hidden_size\": 0}", TPD_ERROR_INVALID_DATA, "hidden_size");
  check_refused ("{\"vocab_size\": 1e30}", TPD_ERROR_INVALID_DATA, "vocab_size");
  check_refused ("{\"hidden_act\": \"relu\"}", TPD_ERROR_INVALID_DATA, "hidden_act");
}

/* States and pooled state of a text, on the host. */
static void
encode (Fixture *self, const gint32 *ids, gint64 length, float *states, float *pooled)
{
  TpdTensor *states_tensor, *pooled_tensor;
  g_autoptr (GError) error = NULL;

  tpd_clip_text_encode (self->model, self->ctx, ids, 1, length, &states_tensor, &pooled_tensor);
  tpd_tensor_to_host (self->ctx, states_tensor, states, &error);
  g_assert_no_error (error);
  tpd_tensor_to_host (self->ctx, pooled_tensor, pooled, &error);
  g_assert_no_error (error);
}

/* What stands after the end has no effect on what stands before; kernels may sum in another order,
 * hence a few units in the last place. */
static void
test_padding (Fixture *self, gconstpointer data)
{
  const float tolerance = 1e-6f;
  const gint32 ids[6] = {8, 1, 2, 9, 9, 9}, other[6] = {8, 1, 2, 9, 3, 9};
  float states[3][6 * 8], pooled[3][8];

  encode (self, ids, 6, states[0], pooled[0]);
  encode (self, other, 6, states[1], pooled[1]);
  encode (self, ids, 4, states[2], pooled[2]);
  for (int text = 1; text < 3; text++)
    {
      for (int i = 0; i < 4 * 8; i++)
        g_assert_cmpfloat_with_epsilon (states[text][i], states[0][i], tolerance);
      for (int i = 0; i < 8; i++)
        g_assert_cmpfloat_with_epsilon (pooled[text][i], states[0][3 * 8 + i], tolerance);
    }
}

static void
check_ids_refused (Fixture *self, const gint32 *ids, gint64 length, const char *part)
{
  g_autoptr (GError) error = NULL;
  TpdTensor *states, *pooled;

  tpd_clip_text_encode (self->model, self->ctx, ids, 1, length, &states, &pooled);
  g_assert_nonnull (states);
  g_assert_nonnull (pooled);
  g_assert_false (tpd_context_sync (self->ctx, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_MISMATCH);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_bad_ids (Fixture *self, gconstpointer data)
{
  const gint32 large[] = {8, 10}, negative[] = {-1, 9}, many[7] = {8, 1, 1, 1, 1, 1, 9};

  check_ids_refused (self, large, 2, "10");
  check_ids_refused (self, negative, 2, "-1");
  check_ids_refused (self, many, 7, "7");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clip-text/defaults", test_defaults);
  g_test_add_func ("/clip-text/bad-configs", test_bad_configs);
  g_test_add ("/clip-text/padding", Fixture, NULL, set_up, test_padding, tear_down);
  g_test_add ("/clip-text/bad-ids", Fixture, NULL, set_up, test_bad_ids, tear_down);
  return g_test_run ();
}
