/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-model-list.h"

#include <glib/gstdio.h>
#include <string.h>

#include "../tree.h"

typedef struct
{
  char *folder; /* with models */
  GSettings *settings;
} Fixture;

/* Two models: one is good, one has lost a file. */
static void
set_up (Fixture *self, gconstpointer data)
{
  const char *model = g_getenv ("TPDIFF_TEST_MODEL");
  g_autofree char *good = NULL, *broken = NULL, *lost = NULL;

  self->folder = g_dir_make_tmp ("tpda-models-XXXXXX", NULL);
  good = g_build_filename (self->folder, "good", NULL);
  broken = g_build_filename (self->folder, "broken", NULL);
  lost = g_build_filename (broken, "vae", "diffusion_pytorch_model.safetensors", NULL);
  tree_copy (model, good);
  tree_copy (model, broken);
  g_assert_cmpint (g_unlink (lost), ==, 0);
  g_setenv ("TPDIFF_MODEL_PATH", self->folder, TRUE);
  self->settings = g_settings_new ("org.tpdiff.Studio");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_settings_reset (self->settings, "model-folders");
  g_clear_object (&self->settings);
  tree_remove (self->folder);
  g_free (self->folder);
}

static TpdaModel *
wait_for (TpdaModelList *list, const char *id)
{
  TpdaModel *model = tpda_model_list_find (list, id);

  g_assert_nonnull (model);
  while (!tpda_model_is_known (model))
    g_main_context_iteration (NULL, TRUE);
  return model;
}

static void
test_facts (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdaModelList) list = tpda_model_list_new (self->settings);
  TpdaModel *good = wait_for (list, "good");
  g_autofree char *summary = tpda_model_summarize (good);
  g_autoptr (GPtrArray) facts = tpda_model_list_facts (good);
  gboolean has_license = FALSE;

  g_assert_null (tpda_model_diagnose (good));
  g_assert_cmpstr (summary, ==, "pyramid of 3 stages, vanilla · 8 frames of 16 × 16");
  for (guint i = 0; i < facts->len; i++)
    {
      TpdaModelFact *fact = facts->pdata[i];

      g_test_message ("%s: %s", fact->title, fact->text);
      has_license |= g_str_equal (fact->text, "CC0-1.0");
    }
  g_assert_true (has_license);
}

/* The sentence names the part, the file, and not the folder that all files are in. */
static void
test_diagnosis (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdaModelList) list = tpda_model_list_new (self->settings);
  TpdaModel *broken = wait_for (list, "broken");
  g_autofree char *diagnosis = tpda_model_diagnose (broken);
  g_auto (GStrv) problems = tpda_model_get_problems (broken);

  g_assert_cmpstr (diagnosis, ==,
                   "The autoencoder is missing or broken. "
                   "vae/diffusion_pytorch_model.safetensors: there is no such file");
  g_assert_cmpuint (g_strv_length (problems), ==, 1);
}

/* Folders that were added are there after a restart, until they are removed. */
static void
test_added (Fixture *self, gconstpointer data)
{
  g_autofree char *empty = g_dir_make_tmp ("tpda-empty-XXXXXX", NULL);
  g_autofree char *diagnosis = NULL;
  TpdaModel *model;

  {
    g_autoptr (TpdaModelList) list = tpda_model_list_new (self->settings);

    tpda_model_list_add (list, empty);
    tpda_model_list_add (list, empty);
    g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 3);
    wait_for (list, empty);
  }
  {
    g_autoptr (TpdaModelList) list = tpda_model_list_new (self->settings);

    model = wait_for (list, empty);
    g_assert_true (tpda_model_is_added (model));
    diagnosis = tpda_model_diagnose (model);
    g_assert_nonnull (strstr (diagnosis, "tpdiff.json"));
    tpda_model_list_remove (list, model);
    g_assert_null (tpda_model_list_find (list, empty));
  }
  {
    g_autoptr (TpdaModelList) list = tpda_model_list_new (self->settings);

    g_assert_null (tpda_model_list_find (list, empty));
    wait_for (list, "good");
  }
  g_rmdir (empty);
}

/* What is repaired is good after a refresh. */
static void
test_refresh (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdaModelList) list = tpda_model_list_new (self->settings);
  g_autofree char *good = g_build_filename (self->folder, "good", NULL);
  g_autofree char *broken = g_build_filename (self->folder, "broken", NULL);

  wait_for (list, "good");
  wait_for (list, "broken");
  tree_copy (good, broken);
  tpda_model_list_refresh (list);
  g_assert_null (tpda_model_diagnose (wait_for (list, "broken")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/app/model-list/facts", test_facts);
  ADD ("/app/model-list/diagnosis", test_diagnosis);
  ADD ("/app/model-list/added", test_added);
  ADD ("/app/model-list/refresh", test_refresh);
  return g_test_run ();
}
