/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-pipeline.h"

#include "core/tpd-device-private.h"

/* The CPU takes more than a dry run counts, as its blocks are rounded up and its kernels want
 * scratch memory. In a model as small as the tests' both weigh much. */
#define MAX_RATIO 1.5

static void
test_counts (void)
{
  g_autoptr (TpdDevice) device = tpd_dry_device_new ();
  TpdDeviceClass *klass = TPD_DEVICE_GET_CLASS (device);
  gpointer a = klass->alloc (device, NULL, 1000, NULL), b;

  klass->release (device, NULL, a, 1000);
  a = klass->alloc (device, NULL, 700, NULL);
  b = klass->alloc (device, NULL, (gsize)1 << 60, NULL);
  klass->release (device, NULL, a, 700);
  klass->release (device, NULL, b, (gsize)1 << 60);
  g_assert_cmpuint (tpd_device_get_peak_bytes (device), ==, 700 + ((guint64)1 << 60));
}

/* Bytes at the peak of a clip made from nothing with the model's own settings. */
static guint64
measure (const char *device)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdPipeline) pipeline =
      tpd_pipeline_new (g_getenv ("TPDIFF_TEST_MODEL"), device, &error);
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdClip) clip = NULL;

  g_assert_no_error (error);
  request->prompt = g_strdup ("a red circle");
  clip = tpd_pipeline_generate (pipeline, request, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return tpd_device_get_peak_bytes (tpd_context_get_device (tpd_pipeline_get_context (pipeline)));
}

static void
test_predicts (void)
{
  const guint64 counted = measure ("dry"), taken = measure ("cpu");

  g_test_message ("%" G_GUINT64_FORMAT " bytes counted, %" G_GUINT64_FORMAT " taken", counted,
                  taken);
  g_assert_cmpuint (counted, <=, taken);
  g_assert_cmpfloat ((double)taken / (double)counted, <=, MAX_RATIO);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dry-device/counts", test_counts);
  g_test_add_func ("/dry-device/predicts", test_predicts);
  return g_test_run ();
}
