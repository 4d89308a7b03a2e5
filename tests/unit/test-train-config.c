/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/tpd-train-config.h"

static void
test_defaults (void)
{
  g_autoptr (TpdTrainConfig) denoiser = tpd_train_config_new (TPD_TRAIN_DENOISER);
  g_autoptr (TpdTrainConfig) vae = tpd_train_config_new (TPD_TRAIN_VAE);

  g_assert_cmpint (denoiser->stages, ==, 3);
  g_assert_cmpstr (denoiser->form, ==, "flow");
  g_assert_cmpstr (denoiser->align, ==, "none");
  g_assert_cmpfloat (vae->weight_decay, ==, 0);
}

/* Every default must be a value that its own setting accepts. */
static void
test_table (void)
{
  guint n;
  const TpdTrainSetting *settings = tpd_train_settings (&n);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TpdTrainConfig) config = tpd_train_config_new (TPD_TRAIN_DENOISER);
      g_autoptr (GError) error = NULL;

      if (settings[i].initial != NULL)
        tpd_train_config_set (config, settings[i].name, settings[i].initial, &error);
      g_assert_no_error (error);
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *name, *value;
  } cases[] = {{"batch", "0"},  {"batch", "2.5"}, {"batch", ""},         {"batch", "two"},
               {"ema", "1"},    {"ema", "nan"},   {"form", "diffusion"}, {"clips", "1e99"},
               {"sizes", "64"}, {"stages", "5"},  {"lr", "-1"}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (TpdTrainConfig) config = tpd_train_config_new (TPD_TRAIN_DENOISER);
      g_autoptr (GError) error = NULL;

      g_assert_false (tpd_train_config_set (config, cases[i].name, cases[i].value, &error));
      g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, cases[i].name));
    }
}

/* A budget may change when a training goes on, a batch may not. */
static void
test_resume (void)
{
  g_autoptr (TpdTrainConfig) config = tpd_train_config_new (TPD_TRAIN_DENOISER);
  g_autoptr (JsonObject) saved = tpd_train_config_to_json (config);
  g_autoptr (GError) error = NULL;

  tpd_train_config_set (config, "steps", "100", NULL);
  g_assert_true (tpd_train_config_check_resume (config, saved, &error));
  g_assert_no_error (error);
  tpd_train_config_set (config, "batch", "7", NULL);
  g_assert_false (tpd_train_config_check_resume (config, saved, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT);
}

static void
test_learning_rate (void)
{
  g_autoptr (TpdTrainConfig) config = tpd_train_config_new (TPD_TRAIN_DENOISER);

  config->lr = 2;
  config->warmup = 4;
  g_assert_cmpfloat (tpd_train_config_learning_rate (config, 1, 0), ==, 0.5);
  g_assert_cmpfloat (tpd_train_config_learning_rate (config, 4, 0), ==, 2);
  g_assert_cmpfloat_with_epsilon (tpd_train_config_learning_rate (config, 50, 0.5), 1.05, 1e-12);
  g_assert_cmpfloat_with_epsilon (tpd_train_config_learning_rate (config, 50, 1.2), 0.1, 1e-12);
  tpd_train_config_set (config, "lr-schedule", "constant", NULL);
  g_assert_cmpfloat (tpd_train_config_learning_rate (config, 50, 0.5), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train-config/defaults", test_defaults);
  g_test_add_func ("/train-config/table", test_table);
  g_test_add_func ("/train-config/refused", test_refused);
  g_test_add_func ("/train-config/resume", test_resume);
  g_test_add_func ("/train-config/learning-rate", test_learning_rate);
  return g_test_run ();
}
