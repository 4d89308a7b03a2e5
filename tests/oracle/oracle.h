/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "oracle-math.h"
#include "pyramid/tpd-sampler.h"

/* The Gaussian oracle (method.md section 11). One pixel, x0 ~ N (μ, C) over the frames of a clip.
 * On every straight path x_t = A x0 + b ε, u = B x0 + c ε of the pyramid the optimal network is
 * linear:
 *
 *     E[u | x_t] = Bμ + (B C Aᵀ + c b I) (A C Aᵀ + b² I)⁻¹ (x_t − Aμ)
 *
 * With it the real sampler is an affine map of the noise that it draws. Running it on a batch of
 * basis vectors, noise included, gives mean and covariance of what it generates exactly. */

/* ── the network ── */

#define ORACLE_TYPE_DENOISER (oracle_denoiser_get_type ())
G_DECLARE_FINAL_TYPE (OracleDenoiser, oracle_denoiser, ORACLE, DENOISER, GObject)

/* The optimal network for clips of a distribution, trained as the config says; a vanilla one also
 * knows lower frame rates. It follows the sampler's steps: below t = 1/n the timestep that a DDIM
 * network is told is clamped, but the oracle must know the time. */
OracleDenoiser *oracle_denoiser_new (const TpdPyramidConfig *trained, const OracleClip *clip,
                                     TpdSampler *sampler, TpdSamplerSettings *settings);

/* ── the noise ── */

#define ORACLE_TYPE_NOISE (oracle_noise_get_type ())
G_DECLARE_FINAL_TYPE (OracleNoise, oracle_noise, ORACLE, NOISE, GObject)

/* Basis vectors: the i-th number that is drawn is 1 in clip 1 + n_taken + i of the batch and 0
 * elsewhere.
 * start: (nullable): the distribution to start from instead of N (0, I)
 * jump: whether jumps get noise at all */
OracleNoise *oracle_noise_new (const OracleClip *start, gboolean jump, guint n_taken);

/* Mean and covariance of clips [B, F, 1, 1, 1] that are an affine map of such a basis. */
OracleClip oracle_moments (TpdContext *ctx, TpdTensor *clips);

/* ── a whole run ── */

typedef struct
{
  TpdPyramidConfig trained;
  OracleClip clip;
  TpdSolverKind solver;
  guint steps;    /* per stage */
  guint stages;   /* 0: as trained; else training-free */
  double spacing; /* 0 means 1 */

  double strength; /* 0 means 1; less starts midway, from clips of the distribution itself */
  gboolean hold;   /* hold the first frame at first_frame */
  double first_frame;

  gboolean exact_start;       /* from the marginal of x̂_{s_K} instead of N (0, I) */
  gboolean literal_top_stage; /* the literal (7) at the top: c = U D_{K+1} x0 */
  gboolean erratum;           /* jumps scaled as (15) and (23) print it */
  gboolean no_jump_noise;
} OracleRun;

typedef struct
{
  double covariance; /* relative errors of what was generated */
  double mean;
  double cost; /* calls of the network, in full-rate evaluations */
  double change; /* midway: E ‖out − in‖² in units of what it is for independent clips, 2 tr C */
  OracleClip got;
} OracleResult;

/* A run as method.md has it: 16 frames, Euler. */
OracleRun oracle_run (TpdForm form, guint n_stages, guint steps);

/* Runs the real sampler and the real jumps in f64 on the CPU. */
OracleResult oracle_sample (const OracleRun *run);

/* The same on another device, there in f32. */
OracleResult oracle_sample_on (const OracleRun *run, TpdDevice *device);
