/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oracle-math.h"

#include <math.h>
#include <string.h>

/* ── distributions ── */

OracleClip
oracle_clip (guint n_frames)
{
  OracleClip clip = {.n = n_frames};

  g_assert (n_frames <= ORACLE_MAX_FRAMES);
  for (guint i = 0; i < n_frames; i++)
    {
      clip.mean[i] = 0.5 * sin (i / 3.0);
      for (guint j = 0; j < n_frames; j++)
        {
          double lag = ((double)i - j) / 3;

          clip.covariance[i * n_frames + j] = 0.3 + exp (-lag * lag / 2) + (i == j ? 1e-3 : 0);
        }
    }
  return clip;
}

OracleClip
oracle_other_clip (guint n_frames)
{
  OracleClip clip = {.n = n_frames};

  g_assert (n_frames <= ORACLE_MAX_FRAMES);
  for (guint i = 0; i < n_frames; i++)
    {
      clip.mean[i] = 0.1 * i - 0.4;
      for (guint j = 0; j < n_frames; j++)
        {
          double lag = fabs ((double)i - j);

          /* the variance grows with time: not stationary */
          clip.covariance[i * n_frames + j] =
              (0.5 + 0.05 * i) * (0.5 + 0.05 * j) *
              (exp (-lag / 4) * cos (lag / 2) + (i == j ? 0.05 : 0));
        }
    }
  return clip;
}

/* ── matrices ── */

void
oracle_product_transposed (const double *a, const double *b, guint n, guint m, guint k, double *c)
{
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < m; j++)
      {
        double sum = 0;

        for (guint l = 0; l < k; l++)
          sum += a[i * k + l] * b[j * k + l];
        c[i * m + j] = sum;
      }
}

void
oracle_product (const double *a, const double *b, guint n, guint m, guint k, double *c)
{
  memset (c, 0, n * m * sizeof *c);
  for (guint i = 0; i < n; i++)
    for (guint l = 0; l < k; l++)
      for (guint j = 0; j < m; j++)
        c[i * m + j] += a[i * k + l] * b[l * m + j];
}

void
oracle_cholesky (double *s, guint n)
{
  for (guint j = 0; j < n; j++)
    for (guint i = 0; i < n; i++)
      {
        double sum = s[i * n + j];

        for (guint l = 0; l < j; l++)
          sum -= s[i * n + l] * s[j * n + l];
        if (i < j)
          s[i * n + j] = 0;
        else if (i == j)
          s[i * n + j] = sqrt (sum);
        else
          s[i * n + j] = sum / s[j * n + j];
      }
}

void
oracle_solve_rows (const double *l, guint n, double *x, guint n_rows)
{
  for (guint row = 0; row < n_rows; row++, x += n)
    {
      for (guint i = 0; i < n; i++)
        {
          for (guint j = 0; j < i; j++)
            x[i] -= l[i * n + j] * x[j];
          x[i] /= l[i * n + i];
        }
      for (guint i = n; i-- > 0;)
        {
          for (guint j = i + 1; j < n; j++)
            x[i] -= l[j * n + i] * x[j];
          x[i] /= l[i * n + i];
        }
    }
}

/* ── temporal operators ── */

guint
oracle_down (const TpdPyramidConfig *config, guint n_frames, guint frame_stride, double *d)
{
  guint lone = config->causal_first_frame ? 1 : 0;
  guint n_rows = lone + (n_frames - lone) / frame_stride;

  memset (d, 0, n_rows * n_frames * sizeof *d);
  for (guint i = 0; i < n_rows; i++)
    if (i < lone)
      d[0] = 1;
    else if (config->downsampling == TPD_DOWNSAMPLING_STRIDE)
      d[i * n_frames + i * frame_stride] = 1;
    else
      for (guint j = 0; j < frame_stride; j++)
        d[i * n_frames + lone + (i - lone) * frame_stride + j] = 1.0 / frame_stride;
  return n_rows;
}

guint
oracle_up (const TpdPyramidConfig *config, guint n_coarse, double *u)
{
  guint lone = config->causal_first_frame ? 1 : 0;
  guint n_rows = 2 * n_coarse - lone;

  memset (u, 0, n_rows * n_coarse * sizeof *u);
  for (guint i = 0; i < n_rows; i++)
    u[i * n_coarse + (i + lone) / 2] = 1;
  return n_rows;
}

guint
oracle_coarse (const TpdPyramidConfig *config, guint n_frames, guint k, double *c)
{
  double d[ORACLE_SIZE], u[ORACLE_SIZE];
  guint n_coarse = oracle_down (config, n_frames, 1u << k, d);
  guint n_rows = oracle_up (config, n_coarse, u);

  oracle_product (u, d, n_rows, n_frames, n_coarse, c);
  return n_rows;
}

OracleClip
oracle_marginal (const OracleClip *clip, const double *m, guint n_rows, double gamma, double sigma)
{
  OracleClip result = {.n = n_rows};
  double mc[ORACLE_SIZE];

  oracle_product (m, clip->mean, n_rows, 1, clip->n, result.mean);
  oracle_product (m, clip->covariance, n_rows, clip->n, clip->n, mc);
  oracle_product_transposed (mc, m, n_rows, n_rows, clip->n, result.covariance);
  for (guint i = 0; i < n_rows; i++)
    {
      result.mean[i] *= gamma;
      for (guint j = 0; j < n_rows; j++)
        result.covariance[i * n_rows + j] =
            gamma * gamma * result.covariance[i * n_rows + j] + (i == j ? sigma * sigma : 0);
    }
  return result;
}

/* ── errors ── */

static double
relative_error (const double *got, const double *expected, guint n)
{
  double difference = 0, norm = 0;

  for (guint i = 0; i < n; i++)
    {
      difference += (got[i] - expected[i]) * (got[i] - expected[i]);
      norm += expected[i] * expected[i];
    }
  return sqrt (difference / norm);
}

double
oracle_mean_error (const OracleClip *got, const OracleClip *expected)
{
  g_assert_cmpuint (got->n, ==, expected->n);
  return relative_error (got->mean, expected->mean, got->n);
}

double
oracle_covariance_error (const OracleClip *got, const OracleClip *expected)
{
  g_assert_cmpuint (got->n, ==, expected->n);
  return relative_error (got->covariance, expected->covariance, got->n * got->n);
}
