/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nn/tpd-param.h"

#include <math.h>
#include <string.h>

/* Statistics of 40,000 numbers: the mean is within 4 / sqrt (n) deviations, the deviation within
 * 2 %, except once in some ten thousand seeds. */
#define N_SAMPLES           40000
#define MEAN_TOLERANCE      (4 / 200.0)
#define DEVIATION_TOLERANCE 0.02

static TpdContext *
open_context (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", &error);
  TpdContext *ctx = tpd_context_new (device, &error);

  g_assert_no_error (error);
  return ctx;
}

static float *
save (TpdParamStore *store, TpdContext *ctx, guint i)
{
  gint64 n = tpd_tensor_n_elements (tpd_param_store_get_tensor (store, i));
  float *data = g_new (float, n);
  g_autoptr (GError) error = NULL;
  TpdHostTensor header;

  tpd_param_store_save_param (store, ctx, i, &header, data, &error);
  g_assert_no_error (error);
  g_assert_true (header.data == data);
  g_assert_cmpint (header.dtype, ==, TPD_F32);
  return data;
}

/* ── declaring ── */

static void
test_declare (void)
{
  g_autoptr (TpdParamStore) store = tpd_param_store_new ();
  TpdParam *weight =
      tpd_param_store_declare (store, "block.0", "weight", TPD_INIT_ZERO, TPD_SHAPE (3, 4));
  TpdParam *bias = tpd_param_store_declare (store, NULL, "bias", TPD_INIT_ZERO, TPD_SHAPE (3));

  g_assert_cmpuint (tpd_param_store_get_n (store), ==, 2);
  g_assert_true (tpd_param_store_get (store, 0) == weight);
  g_assert_true (tpd_param_store_get (store, 1) == bias);
  g_assert_cmpstr (tpd_param_get_name (weight), ==, "block.0.weight");
  g_assert_cmpstr (tpd_param_get_name (bias), ==, "bias");
  g_assert_true (tpd_param_store_get_decay (store, 0));
  g_assert_false (tpd_param_store_get_decay (store, 1));
  g_assert_cmpint (tpd_param_store_count_elements (store), ==, 15);
}

/* ── initialising ── */

/* Deviation of each kind for a [200, 100, 1, 2] kernel: fan_in 200, fan_out 400. */
static void
test_distributions (void)
{
  const struct
  {
    TpdInit init;
    double mean, deviation;
  } kinds[] = {
      {TPD_INIT_ZERO, 0, 0},
      {TPD_INIT_ONE, 1, 0},
      {TPD_INIT_TOKENS, 0, 0.3},
      {TPD_INIT_POSITIONS, 0, 0.1},
      {TPD_INIT_XAVIER_UNIFORM, 0, sqrt (6 / 600.0 / 3)},
      {TPD_INIT_KAIMING_UNIFORM, 0, sqrt (1 / 200.0 / 3)},
  };

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autoptr (TpdContext) ctx = open_context ();
      g_autoptr (TpdParamStore) store = tpd_param_store_new ();
      g_autofree float *data = NULL;
      double sum = 0, squares = 0, deviation;

      tpd_param_store_declare (store, NULL, "w", kinds[k].init, TPD_SHAPE (200, 100, 1, 2));
      g_assert_true (tpd_param_store_initialize (store, ctx, 1, NULL));
      data = save (store, ctx, 0);
      for (guint i = 0; i < N_SAMPLES; i++)
        sum += (double)data[i] - kinds[k].mean;
      for (guint i = 0; i < N_SAMPLES; i++)
        squares += ((double)data[i] - kinds[k].mean) * ((double)data[i] - kinds[k].mean);
      deviation = sqrt (squares / N_SAMPLES);
      g_assert_cmpfloat (fabs (sum / N_SAMPLES), <=, MEAN_TOLERANCE * kinds[k].deviation);
      g_assert_cmpfloat (fabs (deviation - kinds[k].deviation), <=,
                         DEVIATION_TOLERANCE * kinds[k].deviation);
    }
}

/* Numbers depend on seed and name, not on what else is declared. */
static void
test_seeds (void)
{
  g_autoptr (TpdContext) ctx = open_context ();
  g_autoptr (TpdParamStore) one = tpd_param_store_new ();
  g_autoptr (TpdParamStore) two = tpd_param_store_new ();
  g_autofree float *a = NULL, *b = NULL, *other_name = NULL, *other_seed = NULL;

  tpd_param_store_declare (one, "p", "w", TPD_INIT_TOKENS, TPD_SHAPE (5, 3));
  tpd_param_store_declare (two, NULL, "first", TPD_INIT_TOKENS, TPD_SHAPE (5, 3));
  tpd_param_store_declare (two, NULL, "p.w", TPD_INIT_TOKENS, TPD_SHAPE (5, 3));
  g_assert_true (tpd_param_store_initialize (one, ctx, 7, NULL));
  g_assert_true (tpd_param_store_initialize (two, ctx, 7, NULL));
  a = save (one, ctx, 0);
  b = save (two, ctx, 1);
  other_name = save (two, ctx, 0);
  g_assert_cmpmem (a, 15 * sizeof (float), b, 15 * sizeof (float));
  g_assert_cmpint (memcmp (a, other_name, 15 * sizeof (float)), !=, 0);

  g_assert_true (tpd_param_store_initialize (one, ctx, 8, NULL));
  other_seed = save (one, ctx, 0);
  g_assert_cmpint (memcmp (a, other_seed, 15 * sizeof (float)), !=, 0);
}

/* ── loading ── */

typedef struct
{
  const char *name;
  TpdHostTensor tensor;
} FileTensor;

/* data is a FileTensor list that ends with a NULL name. */
static gboolean
lookup (const char *name, TpdHostTensor *tensor, gpointer data)
{
  for (const FileTensor *t = data; t->name != NULL; t++)
    if (g_str_equal (t->name, name))
      {
        *tensor = t->tensor;
        return TRUE;
      }
  return FALSE;
}

/* OIHW in the file, O, kh, kw, I where kernels read it, and OIHW again when saved. */
static void
test_kernel_layout (void)
{
  g_autoptr (TpdContext) ctx = open_context ();
  g_autoptr (TpdParamStore) store = tpd_param_store_new ();
  g_autoptr (GError) error = NULL;
  g_autofree float *saved = NULL;
  float file[2 * 3 * 2 * 5], physical[G_N_ELEMENTS (file)];
  FileTensor tensors[] = {{"w", {TPD_F32, 4, {2, 3, 2, 5}, file}}, {NULL}};

  for (guint i = 0; i < G_N_ELEMENTS (file); i++)
    file[i] = (float)i;
  tpd_param_store_declare (store, NULL, "w", TPD_INIT_ZERO, TPD_SHAPE (2, 3, 2, 5));
  g_assert_true (tpd_param_store_load (store, ctx, lookup, tensors, "file", &error));
  g_assert_no_error (error);
  g_assert_true (tpd_tensor_to_host (ctx, tpd_param_store_get_tensor (store, 0), physical, &error));
  for (int o = 0; o < 2; o++)
    for (int i = 0; i < 3; i++)
      for (int y = 0; y < 2; y++)
        for (int x = 0; x < 5; x++)
          g_assert_cmpfloat (physical[((o * 2 + y) * 5 + x) * 3 + i], ==,
                             file[((o * 3 + i) * 2 + y) * 5 + x]);
  saved = save (store, ctx, 0);
  g_assert_cmpmem (saved, sizeof file, file, sizeof file);
}

/* 1 and −2.5 in every float dtype. */
static void
test_dtypes (void)
{
  const double f64[] = {1, -2.5};
  const guint16 f16[] = {0x3c00, 0xc100}, bf16[] = {0x3f80, 0xc020};
  const float expected[] = {1, -2.5};
  const TpdHostTensor tensors[] = {
      {TPD_F64, 1, {2}, f64}, {TPD_F16, 1, {2}, f16}, {TPD_BF16, 1, {2}, bf16}};

  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    {
      FileTensor file[] = {{"w", tensors[i]}, {NULL}};
      g_autoptr (TpdContext) ctx = open_context ();
      g_autoptr (TpdParamStore) store = tpd_param_store_new ();
      g_autoptr (GError) error = NULL;
      g_autofree float *saved = NULL;

      tpd_param_store_declare (store, NULL, "w", TPD_INIT_ZERO, TPD_SHAPE (2));
      tpd_param_store_load (store, ctx, lookup, file, "file", &error);
      g_assert_no_error (error);
      saved = save (store, ctx, 0);
      g_assert_cmpmem (saved, sizeof expected, expected, sizeof expected);
    }
}

/* An optimizer holds the tensors; loading a checkpoint must not replace them. */
static void
test_load_keeps_tensors (void)
{
  const float value = 3;
  FileTensor file[] = {{"w", {TPD_F32, 1, {1}, &value}}, {NULL}};
  g_autoptr (TpdContext) ctx = open_context ();
  g_autoptr (TpdParamStore) store = tpd_param_store_new ();
  TpdTensor *before;

  tpd_param_store_declare (store, NULL, "w", TPD_INIT_ZERO, TPD_SHAPE (1));
  tpd_param_store_set_trainable (store, TRUE);
  g_assert_true (tpd_param_store_initialize (store, ctx, 1, NULL));
  before = tpd_param_store_get_tensor (store, 0);
  g_assert_true (before->requires_grad);
  g_assert_true (tpd_param_store_load (store, ctx, lookup, file, "file", NULL));
  g_assert_true (tpd_param_store_get_tensor (store, 0) == before);
  tpd_param_store_set_trainable (store, FALSE);
  g_assert_false (before->requires_grad);
}

static void
test_missing (void)
{
  FileTensor file[] = {{NULL}};
  g_autoptr (TpdContext) ctx = open_context ();
  g_autoptr (TpdParamStore) store = tpd_param_store_new ();
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 6; i++)
    {
      g_autofree char *name = g_strdup_printf ("w%d", i);

      tpd_param_store_declare (store, NULL, name, TPD_INIT_ZERO, TPD_SHAPE (1));
    }
  g_assert_false (tpd_param_store_load (store, ctx, lookup, file, "unet.safetensors", &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
  g_assert_cmpstr (
      error->message, ==,
      "unet.safetensors: 6 of 6 tensors missing: \"w0\", \"w1\", \"w2\", \"w3\" and 2 more");
}

static void
test_mismatch (void)
{
  const float values[6] = {0};
  FileTensor file[] = {{"a", {TPD_F32, 2, {3, 2}, values}},
                       {"b", {TPD_F32, 1, {2}, values}},
                       {"c", {TPD_I32, 1, {2}, values}},
                       {NULL}};
  g_autoptr (TpdContext) ctx = open_context ();
  g_autoptr (TpdParamStore) store = tpd_param_store_new ();
  g_autoptr (GError) error = NULL;

  tpd_param_store_declare (store, NULL, "a", TPD_INIT_ZERO, TPD_SHAPE (2, 3));
  tpd_param_store_declare (store, NULL, "b", TPD_INIT_ZERO, TPD_SHAPE (2));
  tpd_param_store_declare (store, NULL, "c", TPD_INIT_ZERO, TPD_SHAPE (2));
  g_assert_false (tpd_param_store_load (store, ctx, lookup, file, "unet.safetensors", &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_MISMATCH);
  g_assert_cmpstr (error->message, ==,
                   "unet.safetensors: \"a\" should be [2, 3], but is [3, 2]; \"c\" should hold "
                   "floating-point numbers, but holds i32");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/param/declare", test_declare);
  g_test_add_func ("/param/distributions", test_distributions);
  g_test_add_func ("/param/seeds", test_seeds);
  g_test_add_func ("/param/kernel-layout", test_kernel_layout);
  g_test_add_func ("/param/dtypes", test_dtypes);
  g_test_add_func ("/param/load-keeps-tensors", test_load_keeps_tensors);
  g_test_add_func ("/param/missing", test_missing);
  g_test_add_func ("/param/mismatch", test_mismatch);
  return g_test_run ();
}
