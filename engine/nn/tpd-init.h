/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-macros.h"

G_BEGIN_DECLS

/* How a parameter starts when a model is trained from scratch. */
typedef enum
{
  TPD_INIT_ZERO,
  TPD_INIT_ONE,
  TPD_INIT_TOKENS,          /* N (0, 0.3²) */
  TPD_INIT_POSITIONS,       /* N (0, 0.1²) */
  TPD_INIT_XAVIER_UNIFORM,  /* U (±sqrt (6 / (fan_in + fan_out)))        Glorot & Bengio 2010 */
  TPD_INIT_KAIMING_UNIFORM, /* U (±sqrt (1 / fan_in)), the default of torch's Linear and Conv */
} TpdInit;

/* Fills `data`, an f32 array of that shape, from the stream that `seed` and `name` choose.
 * For a weight [out, in, kernel…]: fan_in = in·kernel, fan_out = out·kernel. The uniform kinds need
 * at least two dimensions. */
void tpd_init_fill (TpdInit init, guint64 seed, const char *name, int n_dims, const gint64 *shape,
                    float *data);

G_END_DECLS
