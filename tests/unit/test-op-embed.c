/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tensor-fixture.h"

static TpdTensor *
ids (TpdContext *ctx, gint32 a, gint32 b, gint32 c, gint32 d)
{
  return tpd_context_own (
      ctx, tpd_tensor_new_from_host (ctx, TPD_I32, TPD_SHAPE (2, 2), (const gint32[]){a, b, c, d}));
}

static void
test_embedding (Fixture *fixture, gconstpointer data)
{
  TpdTensor *table = counting (fixture->ctx, TPD_SHAPE (4, 2));
  TpdTensor *y = tpd_embedding (fixture->ctx, table, ids (fixture->ctx, 3, 0, 3, 1));

  g_assert_cmpint (y->view.n_dims, ==, 3);
  assert_elements (fixture->ctx, y, 6, 7, 0, 1, 6, 7, 2, 3);
}

/* Rows that several ids name get the sum. */
static TpdTensor *
embedding (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *y = tpd_embedding (ctx, in[0], ids (ctx, 3, 0, 3, 1));

  return tpd_add (ctx, y, tpd_embedding (ctx, in[0], ids (ctx, 1, 1, 1, 2)));
}

static void
test_gradients (Fixture *fixture, gconstpointer data)
{
  TpdTensor *table = random_tensor (fixture->ctx, 1, TPD_SHAPE (4, 2));

  assert_gradients (fixture->ctx, embedding, &table, 1);
}

/* Ids may come from a file or a stranger: none of them may read outside the table. */
static void
test_ids_outside_the_table (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  static const gint32 bad[] = {4, -1, G_MAXINT32, G_MININT32};

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    for (int f32 = 0; f32 < 2; f32++)
      {
        TpdTensor *table = counting (ctx, TPD_SHAPE (4, 2));

        tpd_embedding (ctx, f32 ? tpd_cast (ctx, table, TPD_F32) : table,
                       ids (ctx, 0, 1, bad[i], 2));
        assert_failure (ctx, TPD_ERROR_INVALID_ARGUMENT, "embedding: an id is outside the table");
      }
}

/* cos first, then sin; t = 0 gives ones and zeros. */
static void
test_timestep_embed (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *t = counting (ctx, TPD_SHAPE (2));
  g_autofree double *y = elements (ctx, tpd_timestep_embed (ctx, t, 4, 0));
  g_autofree double *shifted = elements (ctx, tpd_timestep_embed (ctx, t, 4, 1));
  const double expected[] = {1, 1, 0, 0, cos (1), cos (0.01), sin (1), sin (0.01)};

  for (int i = 0; i < 8; i++)
    g_assert_cmpfloat_with_epsilon (y[i], expected[i], 1e-15);
  g_assert_cmpfloat_with_epsilon (shifted[5], cos (1e-4), 1e-15);
}

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *table = counting (ctx, TPD_SHAPE (4, 2)), *t = counting (ctx, TPD_SHAPE (3));

  tpd_embedding (ctx, table, t);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "embedding: ids is f64, expected i32");
  tpd_embedding (ctx, t, ids (ctx, 0, 0, 0, 0));
  assert_failure (ctx, TPD_ERROR_MISMATCH, "embedding: table has shape [3], expected [any, any]");
  tpd_timestep_embed (ctx, t, 5, 0);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "timestep_embed: 5 channels, expected an even number");
  tpd_timestep_embed (ctx, t, 2, 1);
  assert_failure (ctx, TPD_ERROR_MISMATCH,
                  "timestep_embed: 2 channels are too few for a shift of 1");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/op-embed/embedding", test_embedding);
  fixture_add ("/op-embed/gradients", test_gradients);
  fixture_add ("/op-embed/ids-outside-the-table", test_ids_outside_the_table);
  fixture_add ("/op-embed/timestep-embed", test_timestep_embed);
  fixture_add ("/op-embed/refusals", test_refusals);
  return g_test_run ();
}
