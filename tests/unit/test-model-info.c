/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/tpd-model-info.h"

#include <glib/gstdio.h>
#include <string.h>

/* A folder of models that TPDIFF_MODEL_PATH names, and nothing else that could be found. */
typedef struct
{
  char *root;
  char *model; /* a folder in it */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->root = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  f->model = g_build_filename (f->root, "tiny", NULL);
  g_assert_cmpint (g_mkdir (f->model, 0777), ==, 0);
  g_setenv ("TPDIFF_MODEL_PATH", f->root, TRUE);
}

static void
put (Fixture *f, const char *json)
{
  g_autofree char *path = g_build_filename (f->model, TPD_MODEL_FILE, NULL);

  g_assert_true (g_file_set_contents (path, json, -1, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->model, TPD_MODEL_FILE, NULL);

  g_remove (path);
  g_assert_cmpint (g_rmdir (f->model), ==, 0);
  g_assert_cmpint (g_rmdir (f->root), ==, 0);
  g_free (f->model);
  g_free (f->root);
}

#define DENOISERS                                                                                  \
  "\"denoisers\": {\"transformer\": {\"form\": \"flow\", \"stages\": 3},"                          \
  "                \"transformer_vanilla\": {\"form\": \"flow\", \"stages\": 1}}"

static void
test_read (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdModelInfo) info = NULL;
  g_autoptr (TpdModelInfo) copy = NULL;

  put (f, "{\"version\": 1, \"name\": \"Tiny\", \"license\": \"CC0-1.0\", \"frames\": 8, "
          "\"width\": 32, \"height\": 24, \"fps\": [30000, 1001], " DENOISERS
          ", \"defaults\": {\"steps\": 7}}");
  info = tpd_model_info_read ("tiny", &error);
  g_assert_no_error (error);
  copy = tpd_model_info_copy (info);
  g_clear_pointer (&info, tpd_model_info_free);
  g_assert_cmpstr (copy->path, ==, f->model);
  g_assert_cmpstr (copy->name, ==, "Tiny");
  g_assert_cmpstr (copy->license, ==, "CC0-1.0");
  g_assert_cmpuint (copy->n_frames, ==, 8);
  g_assert_cmpuint (copy->width, ==, 32);
  g_assert_cmpuint (copy->height, ==, 24);
  g_assert_cmpuint (copy->fps_n, ==, 30000);
  g_assert_cmpuint (copy->fps_d, ==, 1001);
  g_assert_cmpuint (copy->n_denoisers, ==, 2);
  g_assert_cmpstr (copy->denoisers[0].folder, ==, "transformer");
  g_assert_cmpstr (copy->denoisers[0].text_encoder, ==, "text_encoder");
  g_assert_cmpuint (copy->denoisers[0].pyramid.n_stages, ==, 3);
  g_assert_cmpuint (tpd_sampler_settings_get_steps (copy->defaults), ==, 7);
}

static void
test_write (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdModelInfo) written = tpd_model_info_new (f->model);
  g_autoptr (TpdModelInfo) read = NULL;
  TpdPyramidConfig pyramid;

  g_assert_cmpstr (written->name, ==, "tiny");
  tpd_pyramid_config_init (&pyramid, TPD_FORM_DDIM, 2);
  tpd_model_info_add_denoiser (written, "unet", NULL, &pyramid);
  pyramid.n_stages = 4;
  tpd_model_info_add_denoiser (written, "unet", "text_encoder_2", &pyramid);
  written->fps_d = 3;
  written->license = g_strdup ("CC0-1.0");
  tpd_model_info_write (written, &error);
  g_assert_no_error (error);
  read = tpd_model_info_read (f->model, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->license, ==, "CC0-1.0");
  g_assert_cmpuint (read->fps_n, ==, 8);
  g_assert_cmpuint (read->fps_d, ==, 3);
  g_assert_cmpuint (read->n_denoisers, ==, 1);
  g_assert_cmpstr (read->denoisers[0].folder, ==, "unet");
  g_assert_cmpstr (read->denoisers[0].text_encoder, ==, "text_encoder_2");
  g_assert_cmpint (read->denoisers[0].pyramid.form, ==, TPD_FORM_DDIM);
  g_assert_cmpuint (read->denoisers[0].pyramid.n_stages, ==, 4);
}

/* Each must be refused, with a message that holds this. */
static const struct
{
  const char *json;
  TpdError code;
  const char *message;
} wrong[] = {
    {"{\"version\": 2}", TPD_ERROR_UNSUPPORTED, "version 2"},
    {"{\"version\": \"new\"}", TPD_ERROR_INVALID_DATA, "\"version\" should be"},
    {"{}", TPD_ERROR_INVALID_DATA, "\"denoisers\" should name"},
    {"{\"denoisers\": {}}", TPD_ERROR_INVALID_DATA, "\"denoisers\" should name"},
    {"{\"denoisers\": []}", TPD_ERROR_INVALID_DATA, "\"denoisers\" should be"},
    {"{\"denoisers\": {\"a\": 1}}", TPD_ERROR_INVALID_DATA, "\"a\" should be an object"},
    {"{\"denoisers\": {\"../a\": {\"form\": \"flow\", \"stages\": 1}}}", TPD_ERROR_INVALID_DATA,
     "folder inside the model"},
    {"{\"denoisers\": {\"a\": {\"form\": \"flow\", \"stages\": 1, \"text_encoder\": \"../b\"}}}",
     TPD_ERROR_INVALID_DATA, "\"text_encoder\" should be the name of a folder"},
    {"{\"denoisers\": {\"a\": {\"form\": \"flow\"}}}", TPD_ERROR_INVALID_DATA,
     "denoisers: a: \"stages\" is missing"},
    {"{\"denoisers\": {\"a\": {\"form\": \"magic\", \"stages\": 1}}}", TPD_ERROR_INVALID_DATA,
     "magic"},
    {"{\"frames\": 0, " DENOISERS "}", TPD_ERROR_INVALID_DATA, "\"frames\" should be"},
    {"{\"width\": 1e9, " DENOISERS "}", TPD_ERROR_INVALID_DATA, "\"width\" should be"},
    {"{\"fps\": [8, 0], " DENOISERS "}", TPD_ERROR_INVALID_DATA, "\"fps\" should be"},
    {"{\"defaults\": {\"stepz\": 1}, " DENOISERS "}", TPD_ERROR_INVALID_DATA, "stepz"},
    {"{\"name\": 3, " DENOISERS "}", TPD_ERROR_INVALID_DATA, "\"name\" should be"},
    {"{\"frames\"", TPD_ERROR_INVALID_DATA, "not valid JSON"},
};

static void
test_wrong (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      put (f, wrong[i].json);
      g_assert_null (tpd_model_info_read ("tiny", &error));
      g_assert_error (error, TPD_ERROR, (int)wrong[i].code);
      g_test_message ("%s", error->message);
      g_assert_true (g_str_has_prefix (error->message, f->model));
      g_assert_nonnull (strstr (error->message, wrong[i].message));
    }
}

static void
assert_pick (const TpdModelInfo *info, guint stages, gboolean training_free, const char *folder)
{
  g_autoptr (GError) error = NULL;
  const TpdDenoiserInfo *found = tpd_model_info_pick_denoiser (info, stages, training_free, &error);

  if (folder != NULL)
    {
      g_assert_no_error (error);
      g_assert_cmpstr (found->folder, ==, folder);
      return;
    }
  g_assert_null (found);
  g_assert_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "K = 3 (transformer)"));
}

static void
test_pick (Fixture *f, gconstpointer data)
{
  g_autoptr (TpdModelInfo) both = tpd_model_info_new (f->model);
  g_autoptr (TpdModelInfo) pyramid_only = tpd_model_info_new (f->model);
  TpdPyramidConfig pyramid;

  tpd_pyramid_config_init (&pyramid, TPD_FORM_FLOW, 3);
  tpd_model_info_add_denoiser (both, "transformer", NULL, &pyramid);
  tpd_model_info_add_denoiser (pyramid_only, "transformer", NULL, &pyramid);
  pyramid.n_stages = 1;
  tpd_model_info_add_denoiser (both, "transformer_vanilla", "text_encoder_vanilla", &pyramid);

  assert_pick (both, 0, FALSE, "transformer");
  assert_pick (both, 3, FALSE, "transformer");
  assert_pick (both, 1, FALSE, "transformer_vanilla");
  assert_pick (both, 2, FALSE, NULL);
  assert_pick (both, 2, TRUE, "transformer_vanilla");
  assert_pick (both, 0, TRUE, "transformer_vanilla");
  assert_pick (pyramid_only, 1, FALSE, NULL); /* not vanilla: it never saw the full rate early */
  assert_pick (pyramid_only, 3, TRUE, NULL);
}

static void
test_find (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;
  g_auto (GStrv) names = NULL;

  g_assert_null (tpd_model_find ("tiny", &error)); /* the folder is there, but no model */
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (tpd_model_find (f->model, &error));
  g_assert_nonnull (strstr (error->message, "it has no tpdiff.json"));
  g_clear_error (&error);

  put (f, "{}");
  found = tpd_model_find ("tiny", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, f->model);
  names = tpd_model_list ();
  g_assert_true (g_strv_contains ((const char *const *)names, "tiny"));

  g_assert_null (tpd_model_find ("nope", &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "\"nope\""));
  g_assert_nonnull (strstr (error->message, "tiny"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/model-info/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("read", test_read);
  ADD ("write", test_write);
  ADD ("wrong", test_wrong);
  ADD ("pick", test_pick);
  ADD ("find", test_find);
  return g_test_run ();
}
