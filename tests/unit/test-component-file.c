/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/tpd-component-file.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/tpd-json.h"
#include "text/tpd-clip-text.h"

static const char config[] =
    "{\"architectures\": [\"CLIPTextModel\"], \"hidden_size\": 4, \"intermediate_size\": 8,"
    " \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"max_position_embeddings\": 5,"
    " \"vocab_size\": 6, \"eos_token_id\": 5}";

typedef struct
{
  TpdDevice *device;
  TpdContext *ctx;
  TpdComponent *written, *read; /* two of the same config */
  char *root, *folder;
} Fixture;

static TpdComponent *
make (TpdContext *ctx, guint64 seed)
{
  g_autoptr (JsonObject) json = tpd_json_parse (config, strlen (config), "test", NULL);
  g_autoptr (GError) error = NULL;
  TpdComponent *self = TPD_COMPONENT (tpd_clip_text_new (json, "test", &error));

  g_assert_no_error (error);
  tpd_param_store_initialize (tpd_component_get_params (self), ctx, seed, &error);
  g_assert_no_error (error);
  return self;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->device = tpd_device_open ("cpu", NULL);
  f->ctx = tpd_context_new (f->device, NULL);
  f->written = make (f->ctx, 1);
  f->read = make (f->ctx, 2);
  f->root = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  f->folder = g_build_filename (f->root, "new", "text_encoder", NULL);
}

static void
remove_file (Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);

  g_remove (path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *middle = g_path_get_dirname (f->folder);

  remove_file (f, "config.json");
  remove_file (f, "model.safetensors");
  remove_file (f, "model.safetensors.index.json");
  g_remove (f->folder);
  g_remove (middle);
  g_assert_cmpint (g_rmdir (f->root), ==, 0);
  g_object_unref (f->written);
  g_object_unref (f->read);
  g_object_unref (f->ctx);
  g_object_unref (f->device);
  g_free (f->folder);
  g_free (f->root);
}

/* Largest difference of any two parameters of the components. */
static float
compare (Fixture *f)
{
  TpdParamStore *a = tpd_component_get_params (f->written);
  TpdParamStore *b = tpd_component_get_params (f->read);
  float largest = 0;

  for (guint i = 0; i < tpd_param_store_get_n (a); i++)
    {
      gint64 n = tpd_tensor_n_elements (tpd_param_store_get_tensor (a, i));
      g_autofree float *x = g_new (float, n), *y = g_new (float, n);
      TpdHostTensor header;

      g_assert_true (tpd_param_store_save_param (a, f->ctx, i, &header, x, NULL));
      g_assert_true (tpd_param_store_save_param (b, f->ctx, i, &header, y, NULL));
      for (gint64 j = 0; j < n; j++)
        largest = MAX (largest, ABS (x[j] - y[j]));
    }
  return largest;
}

static void
write_component (Fixture *f, TpdDtype dtype)
{
  g_autoptr (GError) error = NULL;

  tpd_component_file_write (f->written, f->ctx, f->folder, dtype, &error);
  g_assert_no_error (error);
}

static void
test_round_trip (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) json = NULL;

  g_assert_cmpfloat (compare (f), >, 0);
  write_component (f, TPD_F32);
  tpd_component_file_load (f->read, f->ctx, f->folder, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (compare (f), ==, 0);
  json = tpd_component_file_read_config (f->folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (json_object_get_int_member (json, "hidden_size"), ==, 4);
}

/* Half of a bf16 ulp for numbers below 2, the norms' ones included. */
#define BF16_TOLERANCE 0x1p-8f

static void
test_bf16 (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  write_component (f, TPD_BF16);
  tpd_component_file_load (f->read, f->ctx, f->folder, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (compare (f), >, 0);
  g_assert_cmpfloat (compare (f), <, BF16_TOLERANCE);
}

static void
test_index (Fixture *f, gconstpointer data)
{
  g_autofree char *index = g_build_filename (f->folder, "model.safetensors.index.json", NULL);
  g_autoptr (GError) error = NULL;

  write_component (f, TPD_F32);
  g_assert_true (g_file_set_contents (index, "{\"weight_map\": {}}", -1, NULL));
  g_assert_false (tpd_component_file_load (f->read, f->ctx, f->folder, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "index.json"));
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (tpd_component_file_load (f->read, f->ctx, f->folder, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "text_encoder/model.safetensors"));
  g_clear_error (&error);
  g_assert_false (
      tpd_component_file_write (f->written, f->ctx, "/dev/null/text_encoder", TPD_F32, &error));
  g_assert_cmpint (error->domain, ==, G_IO_ERROR);
  g_assert_true (g_str_has_prefix (error->message, "/dev/null/text_encoder: "));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/component-file/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("bf16", test_bf16);
  ADD ("index", test_index);
  ADD ("refused", test_refused);
  return g_test_run ();
}
