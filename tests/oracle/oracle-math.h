/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pyramid/tpd-pyramid-config.h"

#define ORACLE_MAX_FRAMES 32
#define ORACLE_SIZE       (ORACLE_MAX_FRAMES * ORACLE_MAX_FRAMES)

/* A normal distribution of clips of one pixel. */
typedef struct
{
  guint n;
  double mean[ORACLE_MAX_FRAMES];
  double covariance[ORACLE_SIZE];
} OracleClip;

/* The distribution of method.md: C_ij = 0.3 + exp (−((i − j)/3)²/2) + 10⁻³ δ_ij, μ_i = ½ sin (i/3)
 */
OracleClip oracle_clip (guint n_frames);

/* Another one, not even stationary: identity-like covariances hide most mistakes. */
OracleClip oracle_other_clip (guint n_frames);

/* Distribution of γ M x0 + σ ε, M: n_rows × clip->n */
OracleClip oracle_marginal (const OracleClip *clip, const double *m, guint n_rows, double gamma,
                            double sigma);

/* Frobenius-relative errors */
double oracle_mean_error (const OracleClip *got, const OracleClip *expected);
double oracle_covariance_error (const OracleClip *got, const OracleClip *expected);

/* ── the temporal operators as matrices, written out apart from the engine ── */

/* D_k for a frame stride, rows × n_frames; returns the number of rows. */
guint oracle_down (const TpdPyramidConfig *config, guint n_frames, guint frame_stride, double *d);
/* U, rows × n_coarse; returns the number of rows. */
guint oracle_up (const TpdPyramidConfig *config, guint n_coarse, double *u);
/* U D_{k+1}, rows × n_frames; returns the number of rows. */
guint oracle_coarse (const TpdPyramidConfig *config, guint n_frames, guint k, double *c);

/* ── matrices, row by row ── */

/* c = a b, a: n × k, b: k × m */
void oracle_product (const double *a, const double *b, guint n, guint m, guint k, double *c);
/* c = a bᵀ, a: n × k, b: m × k */
void oracle_product_transposed (const double *a, const double *b, guint n, guint m, guint k,
                                double *c);
/* s = l lᵀ in place: l in the lower triangle, zeros above */
void oracle_cholesky (double *s, guint n);
/* x := x s⁻¹ for the n_rows rows of x, s = l lᵀ given by l */
void oracle_solve_rows (const double *l, guint n, double *x, guint n_rows);
