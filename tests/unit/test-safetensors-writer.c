/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/tpd-safetensors-writer.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "io/tpd-safetensors.h"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "x.safetensors", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_remove (f->path);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->path);
  g_free (f->folder);
}

static const guint8 bytes[3] = {1, 2, 255};
static const gint64 longs[2] = {G_MININT64, 42};
static const gint32 ints[1] = {-7};
static const float floats[6] = {0, 1, -2.5f, 3.14159274f, 65504, 1e-7f};

/* In an order that would misalign them if kept. */
static const struct
{
  const char *name;
  TpdHostTensor tensor;
} written[] = {
    {"bytes \"é\n", {TPD_U8, 1, {3}, bytes}}, {"longs", {TPD_I64, 1, {2}, longs}},
    {"ints", {TPD_I32, 0, {0}, ints}},        {"floats", {TPD_F32, 2, {2, 3}, floats}},
    {"empty", {TPD_F16, 2, {0, 3}, ""}},
};

static void
write_all (const char *path)
{
  g_autoptr (TpdSafetensorsWriter) writer = tpd_safetensors_writer_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (written); i++)
    tpd_safetensors_writer_declare (writer, written[i].name, written[i].tensor.dtype,
                                    written[i].tensor.n_dims, written[i].tensor.shape);
  tpd_safetensors_writer_set_metadata (writer, "step", "12");
  tpd_safetensors_writer_set_metadata (writer, "quote", "\"\\\n");
  tpd_safetensors_writer_open (writer, path, &error);
  g_assert_no_error (error);
  for (guint i = G_N_ELEMENTS (written); i-- > 0;)
    g_assert_true (
        tpd_safetensors_writer_write (writer, written[i].name, &written[i].tensor, &error));
  g_assert_true (tpd_safetensors_writer_commit (writer, &error));
}

static void
test_round_trip (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdSafetensors) file = NULL;

  write_all (f->path);
  file = tpd_safetensors_open (f->path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tpd_safetensors_get_metadata (file, "step"), ==, "12");
  g_assert_cmpstr (tpd_safetensors_get_metadata (file, "quote"), ==, "\"\\\n");
  g_assert_cmpuint (g_strv_length ((char **)tpd_safetensors_get_names (file)), ==,
                    G_N_ELEMENTS (written));
  for (guint i = 0; i < G_N_ELEMENTS (written); i++)
    {
      const TpdHostTensor *expected = &written[i].tensor;
      gsize n = tpd_dtype_size (expected->dtype);
      TpdHostTensor got;

      g_assert_true (tpd_safetensors_lookup (file, written[i].name, &got));
      g_assert_cmpint (got.dtype, ==, expected->dtype);
      g_assert_cmpint (got.n_dims, ==, expected->n_dims);
      for (int d = 0; d < got.n_dims; d++)
        {
          g_assert_cmpint (got.shape[d], ==, expected->shape[d]);
          n *= (gsize)got.shape[d];
        }
      g_assert_cmpmem (got.data, n, expected->data, n);
    }
}

static void
test_deterministic (Fixture *f, gconstpointer data)
{
  g_autofree char *first = NULL, *second = NULL;
  gsize n_first, n_second;

  write_all (f->path);
  g_file_get_contents (f->path, &first, &n_first, NULL);
  write_all (f->path);
  g_file_get_contents (f->path, &second, &n_second, NULL);
  g_assert_cmpmem (first, n_first, second, n_second);
}

/* Bits of bf16 and f16 for numbers that round up, down, to even, to infinity, to a subnormal. */
static const struct
{
  float value;
  guint16 bf16, f16;
} conversions[] = {
    {1.0f, 0x3f80, 0x3c00},        {-2.0f, 0xc000, 0xc000},
    {1.00390625f, 0x3f80, 0x3c04}, /* bf16: a tie, to even */
    {1.01171875f, 0x3f82, 0x3c0c}, /* bf16: a tie, to even, upwards */
    {65519.0f, 0x4780, 0x7bff},    {65520.0f, 0x4780, 0x7c00},
    {0x1p-24f, 0x3380, 0x0001},    {0x1p-25f, 0x3300, 0x0000},
    {0x1.8p-25f, 0x3340, 0x0001},  {-0.0f, 0x8000, 0x8000},
    {INFINITY, 0x7f80, 0x7c00},    {3.4028235e38f, 0x7f80, 0x7c00},
};

static void
test_conversion (Fixture *f, gconstpointer data)
{
  const gint64 n = G_N_ELEMENTS (conversions);
  g_autoptr (TpdSafetensorsWriter) writer = tpd_safetensors_writer_new ();
  g_autoptr (TpdSafetensors) file = NULL;
  g_autoptr (GError) error = NULL;
  float values[G_N_ELEMENTS (conversions)];
  TpdHostTensor tensor = {TPD_F32, 1, {n}, values};

  for (gint64 i = 0; i < n; i++)
    values[i] = conversions[i].value;
  tpd_safetensors_writer_declare (writer, "bf16", TPD_BF16, 1, &n);
  tpd_safetensors_writer_declare (writer, "f16", TPD_F16, 1, &n);
  g_assert_true (tpd_safetensors_writer_open (writer, f->path, &error));
  g_assert_true (tpd_safetensors_writer_write (writer, "bf16", &tensor, &error));
  g_assert_true (tpd_safetensors_writer_write (writer, "f16", &tensor, &error));
  g_assert_true (tpd_safetensors_writer_commit (writer, &error));

  file = tpd_safetensors_open (f->path, &error);
  g_assert_no_error (error);
  g_assert_true (tpd_safetensors_lookup (file, "bf16", &tensor));
  for (gint64 i = 0; i < n; i++)
    g_assert_cmphex (((const guint16 *)tensor.data)[i], ==, conversions[i].bf16);
  g_assert_true (tpd_safetensors_lookup (file, "f16", &tensor));
  for (gint64 i = 0; i < n; i++)
    g_assert_cmphex (((const guint16 *)tensor.data)[i], ==, conversions[i].f16);
}

/* More numbers than are converted at once. */
static void
test_long_conversion (Fixture *f, gconstpointer data)
{
  const gint64 n = 40001;
  g_autofree float *values = g_new (float, n);
  g_autoptr (TpdSafetensorsWriter) writer = tpd_safetensors_writer_new ();
  g_autoptr (TpdSafetensors) file = NULL;
  g_autoptr (GError) error = NULL;
  TpdHostTensor tensor = {TPD_F32, 1, {n}, values};

  for (gint64 i = 0; i < n; i++)
    values[i] = (float)i;
  tpd_safetensors_writer_declare (writer, "x", TPD_I32, 1, &n);
  g_assert_true (tpd_safetensors_writer_open (writer, f->path, &error));
  g_assert_true (tpd_safetensors_writer_write (writer, "x", &tensor, &error));
  g_assert_true (tpd_safetensors_writer_commit (writer, &error));
  file = tpd_safetensors_open (f->path, &error);
  g_assert_no_error (error);
  g_assert_true (tpd_safetensors_lookup (file, "x", &tensor));
  for (gint64 i = 0; i < n; i++)
    g_assert_cmpint (((const gint32 *)tensor.data)[i], ==, i);
}

static void
test_no_folder (Fixture *f, gconstpointer data)
{
  g_autoptr (TpdSafetensorsWriter) writer = tpd_safetensors_writer_new ();
  g_autofree char *path = g_build_filename (f->folder, "none", "x", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (tpd_safetensors_writer_open (writer, path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test)                                                                            \
  g_test_add ("/safetensors-writer/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("deterministic", test_deterministic);
  ADD ("conversion", test_conversion);
  ADD ("long-conversion", test_long_conversion);
  ADD ("no-folder", test_no_folder);
  return g_test_run ();
}
