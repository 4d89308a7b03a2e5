/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tpd-context.h"
#include "core/tpd-device.h"
#include "ops/tpd-op.h"

/* The host side of the CUDA backend, over tpd-fake-runtime.c: two GPUs, 256 MiB each. */

/* Bytes of each of the two buffers that copies go through: cuda/tpd-cuda-staging.c. */
#define BUFFER_BYTES ((gint64)4 << 20)

static TpdDevice *
open_device (const char *name)
{
  g_autoptr (GError) error = NULL;
  TpdDevice *device = tpd_device_open (name, &error);

  g_assert_no_error (error);
  return device;
}

static TpdContext *
make_context (TpdDevice *device)
{
  g_autoptr (GError) error = NULL;
  TpdContext *ctx = tpd_context_new (device, &error);

  g_assert_no_error (error);
  return ctx;
}

/* Whether an error is a TPD_ERROR of that code and says all that. */
static void
assert_says (GError *error, TpdError code, const char *first, const char *second)
{
  g_assert_error (error, TPD_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, first));
  g_assert_nonnull (strstr (error->message, second));
}

static void
test_open (void)
{
  g_autoptr (TpdDevice) first = open_device ("cuda");
  g_autoptr (TpdDevice) same = open_device ("cuda:0");
  g_autoptr (TpdDevice) second = open_device ("cuda:1");
  g_autoptr (TpdDevice) chosen = open_device ("auto");
  g_autofree char *description = tpd_device_describe (second);
  g_autoptr (GError) error = NULL;

  g_assert_true (first == same);
  g_assert_true (first == chosen);
  g_assert_true (first != second);
  g_assert_cmpstr (tpd_device_get_name (first), ==, "cuda:0");
  g_assert_cmpstr (description, ==, "Host (cuda:1), compute capability 8.0, 0.2 GiB");
  g_assert_false (tpd_device_is_host (first));

  g_assert_null (tpd_device_open ("cuda:2", &error));
  assert_says (error, TPD_ERROR_DEVICE, "cuda:2", "this machine has 2");
  g_clear_error (&error);
  g_assert_null (tpd_device_open ("cuda:x", &error));
  assert_says (error, TPD_ERROR_INVALID_ARGUMENT, "cuda:x", "expected");
}

static void
test_no_driver (void)
{
  g_autoptr (TpdDevice) chosen = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("TPD_FAKE_CUDA", "no-driver", TRUE);
  g_assert_null (tpd_device_open ("cuda", &error));
  assert_says (error, TPD_ERROR_DEVICE, "There is no CUDA device", "driver");
  chosen = open_device ("auto");
  g_assert_cmpstr (tpd_device_get_name (chosen), ==, "cpu");
  g_unsetenv ("TPD_FAKE_CUDA");
}

/* Sizes around those of the buffers; then again after many small uploads, so that pieces begin
 * somewhere in a buffer. */
static void
test_copies (void)
{
  static const gint64 sizes[] = {1,
                                 255,
                                 BUFFER_BYTES - 1,
                                 BUFFER_BYTES,
                                 BUFFER_BYTES + 1,
                                 2 * BUFFER_BYTES,
                                 100,
                                 3 * BUFFER_BYTES + 7};
  g_autoptr (TpdDevice) device = open_device ("cuda");
  g_autoptr (TpdContext) ctx = make_context (device);

  for (guint i = 0; i < 2 * G_N_ELEMENTS (sizes); i++)
    {
      gint64 n = sizes[i % G_N_ELEMENTS (sizes)];
      g_autofree guint8 *bytes = g_malloc (n), *back = g_malloc0 (n);
      g_autoptr (GError) error = NULL;
      TpdTensor *x;

      for (gint64 k = 0; k < n; k++)
        bytes[k] = (guint8)(k * 31 + k / 251 + i);
      tpd_context_push_scope (ctx);
      for (gint64 k = 0; k < 1000 && i >= G_N_ELEMENTS (sizes); k++)
        tpd_context_own (ctx,
                         tpd_tensor_new_from_host (ctx, TPD_U8, TPD_SHAPE (MIN (1 + k, n)), bytes));
      x = tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_U8, TPD_SHAPE (n), bytes));
      g_assert_true (tpd_tensor_to_host (ctx, x, back, &error));
      g_assert_cmpmem (back, (gsize)n, bytes, (gsize)n);
      tpd_context_pop_scope (ctx, NULL);
    }
}

/* Many small uploads before any is read back. */
static void
test_small_uploads (void)
{
  g_autoptr (TpdDevice) device = open_device ("cuda");
  g_autoptr (TpdContext) ctx = make_context (device);
  gint64 length = 1 << 16;
  g_autofree gint32 *numbers = g_new (gint32, length), *back = g_new (gint32, length);
  TpdTensor *x[300];

  tpd_context_push_scope (ctx);
  for (gint32 i = 0; i < (gint32)G_N_ELEMENTS (x); i++)
    {
      for (gint64 k = 0; k < length; k++)
        numbers[k] = i + (gint32)k;
      x[i] = tpd_context_own (ctx,
                              tpd_tensor_new_from_host (ctx, TPD_I32, TPD_SHAPE (length), numbers));
    }
  for (gint32 i = 0; i < (gint32)G_N_ELEMENTS (x); i++)
    {
      g_assert_true (tpd_tensor_to_host (ctx, x[i], back, NULL));
      g_assert_cmpint (back[0], ==, i);
      g_assert_cmpint (back[length - 1], ==, i + (gint32)length - 1);
    }
  tpd_context_pop_scope (ctx, NULL);
  g_assert_cmpuint (tpd_device_get_peak_bytes (device), >=, 300 * (guint64)length * 4);
}

/* Ops of two devices by turns in one thread: each finds its own device current. */
static void
test_two_devices (void)
{
  g_autoptr (TpdDevice) first = open_device ("cuda:0"), second = open_device ("cuda:1");
  g_autoptr (TpdContext) first_ctx = make_context (first), second_ctx = make_context (second);
  TpdContext *const ctx[2] = {first_ctx, second_ctx};
  const float one[2] = {1, 2};
  TpdTensor *x[2];
  float back[2];

  for (int i = 0; i < 2; i++)
    x[i] = tpd_context_own (ctx[i], tpd_tensor_new_from_host (ctx[i], TPD_F32, TPD_SHAPE (2), one));
  for (int k = 0; k < 3; k++)
    for (int i = 0; i < 2; i++)
      x[i] = tpd_add (ctx[i], x[i], x[i]);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (tpd_tensor_to_host (ctx[i], x[i], back, &error));
      g_assert_no_error (error);
      g_assert_cmpfloat (back[1], ==, 16);
    }
}

/* Too much at once says how much was wanted; afterwards the context works. */
static void
test_no_memory (void)
{
  g_autoptr (TpdDevice) device = open_device ("cuda");
  g_autoptr (TpdContext) ctx = make_context (device);
  g_autoptr (GError) error = NULL;
  const float one = 1;
  float back = 0;
  TpdTensor *x;

  tpd_context_own (ctx, tpd_tensor_new (ctx, TPD_U8, TPD_SHAPE ((gint64)1 << 30)));
  g_assert_true (tpd_context_failed (ctx));
  g_assert_false (tpd_context_sync (ctx, &error));
  assert_says (error, TPD_ERROR_NO_MEMORY, "1024.0 MiB was refused", "of 256.0 MiB are free");

  x = tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (1), &one));
  x = tpd_add (ctx, x, x);
  g_assert_true (tpd_tensor_to_host (ctx, x, &back, NULL));
  g_assert_cmpfloat (back, ==, 2);
}

/* The same in the middle of ops, where scratch memory is refused. */
static void
test_no_memory_for_ops (void)
{
  g_autoptr (TpdDevice) device = open_device ("cuda");
  g_autoptr (TpdContext) ctx = make_context (device);
  g_autoptr (GError) error = NULL;
  const float numbers[6] = {1, 2, 3, 4, 5, 6};
  TpdTensor *x =
      tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (2, 3), numbers));

  g_setenv ("TPD_FAKE_CUDA", "no-memory", TRUE);
  x = tpd_matmul (ctx, x, x, FALSE, TRUE);
  g_unsetenv ("TPD_FAKE_CUDA");
  g_assert_false (tpd_context_sync (ctx, &error));
  assert_says (error, TPD_ERROR_NO_MEMORY, "Not enough memory on Host (cuda:0)", "refused");
  g_assert_true (tpd_context_sync (ctx, NULL));
}

/* A lost GPU is reported by the op that finds it lost, and by whoever asks for it again. The
 * other GPU and the CPU go on. */
static void
test_lost (void)
{
  g_autoptr (TpdDevice) device = open_device ("cuda:1");
  g_autoptr (TpdDevice) cpu = open_device ("cpu");
  g_autoptr (TpdContext) ctx = make_context (device);
  g_autoptr (GError) error = NULL;
  const float one = 1;
  TpdTensor *x =
      tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (1), &one));

  g_setenv ("TPD_FAKE_CUDA", "lost", TRUE);
  tpd_add (ctx, x, x);
  g_assert_false (tpd_context_sync (ctx, &error));
  assert_says (error, TPD_ERROR_DEVICE, "Host (cuda:1) is lost", "illegal memory access");
  g_clear_error (&error);
  g_unsetenv ("TPD_FAKE_CUDA"); /* what was lost stays lost */

  g_assert_null (tpd_context_new (device, &error));
  assert_says (error, TPD_ERROR_DEVICE, "Host (cuda:1) is lost", "started again");

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (TpdDevice) other = open_device (i == 0 ? "cpu" : "cuda:0");
      g_autoptr (TpdContext) good = make_context (other);
      TpdTensor *y =
          tpd_context_own (good, tpd_tensor_new_from_host (good, TPD_F32, TPD_SHAPE (1), &one));
      float back = 0;

      y = tpd_add (good, y, y);
      g_assert_true (tpd_tensor_to_host (good, y, &back, NULL));
      g_assert_cmpfloat (back, ==, 2);
    }
}

/* With TPDIFF_CUDA_SYNC=1 an error names the op that it belongs to. */
static void
test_sync_always (void)
{
  g_autoptr (TpdDevice) device = NULL;
  g_autoptr (TpdContext) ctx = NULL;
  g_autoptr (GError) error = NULL;
  const gint32 id = 5;
  const float row[2] = {1, 2};
  TpdTensor *table, *ids;

  g_setenv ("TPDIFF_CUDA_SYNC", "1", TRUE);
  device = open_device ("cuda");
  ctx = make_context (device);
  g_unsetenv ("TPDIFF_CUDA_SYNC");
  table = tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (1, 2), row));
  ids = tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_I32, TPD_SHAPE (1), &id));
  tpd_embedding (ctx, table, ids);
  g_assert_false (tpd_context_sync (ctx, &error));
  assert_says (error, TPD_ERROR_INVALID_ARGUMENT, "embedding", "outside the table");
  g_assert_true (tpd_context_sync (ctx, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cuda-device/open", test_open);
  g_test_add_func ("/cuda-device/no-driver", test_no_driver);
  g_test_add_func ("/cuda-device/copies", test_copies);
  g_test_add_func ("/cuda-device/small-uploads", test_small_uploads);
  g_test_add_func ("/cuda-device/two-devices", test_two_devices);
  g_test_add_func ("/cuda-device/no-memory", test_no_memory);
  g_test_add_func ("/cuda-device/no-memory-for-ops", test_no_memory_for_ops);
  g_test_add_func ("/cuda-device/sync-always", test_sync_always);
  g_test_add_func ("/cuda-device/lost", test_lost);
  return g_test_run ();
}
