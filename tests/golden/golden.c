/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "golden.h"

#include <math.h>

/* What is zero in exact arithmetic is stored as zeros; what we compute is rounding noise. */
#define ZERO_TOLERANCE 5e-6

TpdDevice *
golden_device (void)
{
  const char *name = g_getenv ("TPDIFF_TEST_DEVICE");
  g_autoptr (GError) error = NULL;
  TpdDevice *device = tpd_device_open (name != NULL ? name : "cpu", &error);

  g_assert_no_error (error);
  return device;
}

TpdSafetensors *
golden_open (const char *name)
{
  g_autoptr (GError) error = NULL;
  TpdSafetensors *file =
      tpd_safetensors_open (g_test_get_filename (G_TEST_DIST, "data", name, NULL), &error);

  g_assert_no_error (error);
  return file;
}

JsonObject *
golden_json (TpdSafetensors *file, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (tpd_safetensors_get_metadata (file, key), &error);

  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (node));
}

static TpdHostTensor
require (TpdSafetensors *file, const char *name)
{
  g_autoptr (GError) error = NULL;
  TpdHostTensor tensor;

  tpd_safetensors_require (file, name, &tensor, &error);
  g_assert_no_error (error);
  return tensor;
}

TpdTensor *
golden_tensor (TpdContext *ctx, TpdSafetensors *file, const char *name)
{
  TpdHostTensor host = require (file, name);

  return tpd_context_own (
      ctx, tpd_tensor_new_from_host (ctx, host.dtype, host.n_dims, host.shape, host.data));
}

static void
compare (const char *name, const float *got, const float *expected, gint64 n, double tolerance)
{
  double error = 0, norm = 0;

  for (gint64 i = 0; i < n; i++)
    {
      double difference = (double)got[i] - (double)expected[i];

      error += difference * difference;
      norm += (double)expected[i] * (double)expected[i];
    }
  g_test_message ("%s: error %.2g of %.2g", name, sqrt (error), sqrt (norm));
  g_assert_cmpfloat (sqrt (error), <=, norm > 0 ? tolerance * sqrt (norm) : ZERO_TOLERANCE);
}

void
golden_compare (TpdContext *ctx, TpdTensor *got, TpdSafetensors *file, const char *name,
                double tolerance)
{
  TpdHostTensor expected = require (file, name);
  g_autofree float *data = g_new (float, tpd_tensor_n_elements (got));
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (got->view.n_dims, ==, expected.n_dims);
  for (int i = 0; i < expected.n_dims; i++)
    g_assert_cmpint (got->view.shape[i], ==, expected.shape[i]);
  tpd_tensor_to_host (ctx, got, data, &error);
  g_assert_no_error (error);
  compare (name, data, expected.data, tpd_tensor_n_elements (got), tolerance);
}

/* A parameter's gradient lies as the parameter does: 4-D ones as [O, kh, kw, I]. */
void
golden_compare_param_grads (TpdContext *ctx, TpdParamStore *store, TpdSafetensors *file,
                            double tolerance)
{
  for (guint i = 0; i < tpd_param_store_get_n (store); i++)
    {
      TpdTensor *grad = tpd_param_store_get_tensor (store, i)->grad;
      g_autofree char *name =
          g_strconcat ("grad.param.", tpd_param_get_name (tpd_param_store_get (store, i)), NULL);

      g_test_message ("%s", name);
      g_assert_nonnull (grad);
      tpd_context_push_scope (ctx);
      if (grad->view.n_dims == 4)
        grad = tpd_permute (ctx, grad, TPD_ORDER (0, 3, 1, 2));
      golden_compare (ctx, grad, file, name, tolerance);
      tpd_context_pop_scope (ctx, NULL);
    }
}
