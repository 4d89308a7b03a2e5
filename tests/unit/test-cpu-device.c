/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tpd-device-private.h"
#include "core/tpd-error.h"

#include <string.h>

static gpointer
take (TpdDevice *device, gsize n_bytes)
{
  g_autoptr (GError) error = NULL;
  gpointer data = TPD_DEVICE_GET_CLASS (device)->alloc (device, NULL, n_bytes, &error);

  g_assert_no_error (error);
  return data;
}

static void
give (TpdDevice *device, gpointer data, gsize n_bytes)
{
  TPD_DEVICE_GET_CLASS (device)->release (device, NULL, data, n_bytes);
}

/* Blocks are aligned and large enough: every byte can be written. */
static void
test_sizes (void)
{
  g_autoptr (TpdDevice) device = tpd_cpu_device_new ();

  for (gsize n_bytes = 1; n_bytes < 1 << 22; n_bytes += 1 + n_bytes / 7)
    {
      gpointer data = take (device, n_bytes);

      g_assert_cmpuint ((gsize)data % 64, ==, 0);
      memset (data, 0xff, n_bytes);
      give (device, data, n_bytes);
    }
}

/* A block comes back for a request of about the same size, and not for a larger one. */
static void
test_reuse (void)
{
  g_autoptr (TpdDevice) device = tpd_cpu_device_new ();
  gpointer first = take (device, 100000), again, larger;

  give (device, first, 100000);
  again = take (device, 99999);
  g_assert_true (again == first);
  larger = take (device, 200000);
  g_assert_true (larger != first);
  give (device, again, 99999);
  give (device, larger, 200000);
}

/* Blocks in use are apart. */
static void
test_blocks_are_apart (void)
{
  g_autoptr (TpdDevice) device = tpd_cpu_device_new ();
  guint8 *blocks[64];

  for (int i = 0; i < 64; i++)
    memset (blocks[i] = take (device, 1000 + (gsize)i), i, 1000 + (gsize)i);
  for (int i = 0; i < 64; i++)
    {
      for (int k = 0; k < 1000 + i; k++)
        g_assert_cmpuint (blocks[i][k], ==, i);
      give (device, blocks[i], 1000 + (gsize)i);
    }
}

static void
test_refusal (void)
{
  g_autoptr (TpdDevice) device = tpd_cpu_device_new ();
  static const gsize sizes[] = {(gsize)1 << 60, G_MAXSSIZE, G_MAXSIZE};

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (TPD_DEVICE_GET_CLASS (device)->alloc (device, NULL, sizes[i], &error));
      g_assert_error (error, TPD_ERROR, TPD_ERROR_NO_MEMORY);
    }
}

/* The peak counts what was held at once, with at most an eighth on top. */
static void
test_peak (void)
{
  g_autoptr (TpdDevice) device = tpd_cpu_device_new ();
  gpointer a = take (device, 1000000), b;

  give (device, a, 1000000);
  a = take (device, 500000);
  b = take (device, 1000000);
  g_assert_cmpuint (tpd_device_get_peak_bytes (device), >=, 1500000);
  g_assert_cmpuint (tpd_device_get_peak_bytes (device), <=, 1500000 * 9 / 8);
  give (device, a, 500000);
  give (device, b, 1000000);
}

static void
test_open (void)
{
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", NULL);
  g_autoptr (TpdDevice) again = tpd_device_open ("cpu", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *description = tpd_device_describe (device);

  g_assert_true (device == again);
  g_assert_cmpstr (tpd_device_get_name (device), ==, "cpu");
  g_assert_true (tpd_device_is_host (device));
  g_assert_true (g_str_has_prefix (description, "CPU, "));
  g_assert_null (tpd_device_open ("abacus", &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT);
}

/* A device lives as long as somebody holds it, and can be opened again. */
static void
test_reopen (void)
{
  TpdDevice *device = tpd_device_open ("cpu", NULL);

  g_assert_finalize_object (device);
  device = tpd_device_open ("cpu", NULL);
  g_assert_nonnull (device);
  g_assert_finalize_object (device);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cpu-device/sizes", test_sizes);
  g_test_add_func ("/cpu-device/reuse", test_reuse);
  g_test_add_func ("/cpu-device/blocks-are-apart", test_blocks_are_apart);
  g_test_add_func ("/cpu-device/refusal", test_refusal);
  g_test_add_func ("/cpu-device/peak", test_peak);
  g_test_add_func ("/cpu-device/open", test_open);
  g_test_add_func ("/cpu-device/reopen", test_reopen);
  return g_test_run ();
}
