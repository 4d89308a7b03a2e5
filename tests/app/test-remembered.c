/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_SETTINGS_ENABLE_BACKEND
#include <gio/gsettingsbackend.h>
#include <glib/gstdio.h>

#include "tpda-export-estimate.h"
#include "tpda-prompts.h"

/* What the application learns from how it is used, in GSettings. */

#define WIDTH    320
#define HEIGHT   160
#define N_FRAMES 4

static GSettings *
new_settings (void)
{
  g_autoptr (GSettingsBackend) backend = g_memory_settings_backend_new ();

  return g_settings_new_with_backend ("org.tpdiff.Studio", backend);
}

static void
check_prompts (GSettings *settings, const char *const *expected)
{
  g_auto (GStrv) prompts = g_settings_get_strv (settings, TPDA_PROMPTS);

  g_assert_cmpstrv (prompts, expected);
}

static void
test_prompts (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_auto (GStrv) many = NULL;

  tpda_prompts_remember (settings, TPDA_PROMPTS, "one");
  tpda_prompts_remember (settings, TPDA_PROMPTS, "two");
  tpda_prompts_remember (settings, TPDA_PROMPTS, "");
  tpda_prompts_remember (settings, TPDA_PROMPTS, NULL);
  tpda_prompts_remember (settings, TPDA_PROMPTS_NEGATIVE, "blurred");
  check_prompts (settings, (const char *const[]){"two", "one", NULL});
  tpda_prompts_remember (settings, TPDA_PROMPTS, "one");
  check_prompts (settings, (const char *const[]){"one", "two", NULL});
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *prompt = g_strdup_printf ("%u", i);

      tpda_prompts_remember (settings, TPDA_PROMPTS, prompt);
    }
  many = g_settings_get_strv (settings, TPDA_PROMPTS);
  g_assert_cmpstr (many[0], ==, "99");
  g_assert_cmpuint (g_strv_length (many), <, 50);
}

static void
test_estimate (void)
{
  const TpdaFormat format = {
      .id = "some", .extension = "mp4", .worst_bits = 0.1, .best_bits = 2, .best = 1};
  TpdaExportOptions options = {.format = &format, .quality = 50};
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (TpdClip) clip = tpd_clip_new (
      N_FRAMES, WIDTH, HEIGHT, 8, 1,
      g_bytes_new_take (g_malloc0 (N_FRAMES * WIDTH * HEIGHT * 3), N_FRAMES * WIDTH * HEIGHT * 3),
      NULL);
  g_autofree char *path = NULL;
  g_autofree char *content = g_malloc0 (1000000);
  guint64 plain = tpda_export_estimate (settings, clip, &options);
  int fd = g_file_open_tmp ("tpdiff-estimate-XXXXXX", &path, NULL);

  g_close (fd, NULL);
  options.quality = 100;
  g_assert_cmpuint (tpda_export_estimate (settings, clip, &options), >, plain);
  options.quality = 50;
  options.width = 4 * WIDTH;
  g_assert_cmpuint (tpda_export_estimate (settings, clip, &options), >, plain);
  options.loops = 3;
  g_assert_cmpuint (tpda_export_estimate (settings, clip, &options), >, 2 * plain);

  /* The first export of a format counts fully. */
  g_assert_true (g_file_set_contents (path, content, 1000000, NULL));
  tpda_export_estimate_learn (settings, clip, &options, path);
  g_assert_cmpfloat_with_epsilon ((double)tpda_export_estimate (settings, clip, &options), 1000000,
                                  1);
  g_assert_true (g_file_set_contents (path, content, 500000, NULL));
  tpda_export_estimate_learn (settings, clip, &options, path);
  g_assert_cmpuint (tpda_export_estimate (settings, clip, &options), <, 999990);
  g_assert_cmpuint (tpda_export_estimate (settings, clip, &options), >, 500010);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/remembered/prompts", test_prompts);
  g_test_add_func ("/app/remembered/estimate", test_estimate);
  return g_test_run ();
}
