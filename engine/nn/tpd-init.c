/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-init.h"

#include <math.h>

#include "../core/tpd-random.h"

/* Some two hundred updates of AdamW at the learning rates of small models. CLIP's 0.02 belongs to
 * its small rates: at 1e-3 each update would turn a token's vector by a twentieth, and nothing
 * behind it could learn what the token means. Positions are smaller, so that tokens outweigh them.
 */
#define TOKEN_DEVIATION    0.3f
#define POSITION_DEVIATION 0.1f

/* FNV-1a, 64 bits: a number for a name that is the same on every machine. */
static guint64
hash_name (const char *name)
{
  guint64 hash = 0xcbf29ce484222325u;

  for (const char *c = name; *c != '\0'; c++)
    hash = (hash ^ (guint8)*c) * 0x100000001b3u;
  return hash;
}

static void
fill_normal (guint64 stream, gint64 n, float deviation, float *data)
{
  for (gint64 i = 0; i < n; i += 4)
    {
      float z[4];

      tpd_random_normal4 (stream, (guint64)i / 4, z);
      for (gint64 j = i; j < MIN (i + 4, n); j++)
        data[j] = deviation * z[j - i];
    }
}

static void
fill_uniform (guint64 stream, gint64 n, double bound, float *data)
{
  for (gint64 i = 0; i < n; i++)
    data[i] = (float)(bound * (2 * tpd_random_uniform (stream, (guint64)i) - 1));
}

void
tpd_init_fill (TpdInit init, guint64 seed, const char *name, int n_dims, const gint64 *shape,
               float *data)
{
  guint64 stream = tpd_random_fork (seed, hash_name (name));
  gint64 n = 1, kernel = 1;
  double fan_in, fan_out;

  for (int i = 0; i < n_dims; i++)
    n *= shape[i];
  for (int i = 2; i < n_dims; i++)
    kernel *= shape[i];
  fan_in = n_dims >= 2 ? (double)(shape[1] * kernel) : 0;
  fan_out = (double)(shape[0] * kernel);

  switch (init)
    {
    case TPD_INIT_ZERO:
    case TPD_INIT_ONE:
      for (gint64 i = 0; i < n; i++)
        data[i] = init == TPD_INIT_ONE;
      break;
    case TPD_INIT_TOKENS:
      fill_normal (stream, n, TOKEN_DEVIATION, data);
      break;
    case TPD_INIT_POSITIONS:
      fill_normal (stream, n, POSITION_DEVIATION, data);
      break;
    case TPD_INIT_XAVIER_UNIFORM:
      g_assert (n_dims >= 2);
      fill_uniform (stream, n, sqrt (6 / (fan_in + fan_out)), data);
      break;
    case TPD_INIT_KAIMING_UNIFORM:
      g_assert (n_dims >= 2);
      fill_uniform (stream, n, sqrt (1 / fan_in), data);
      break;
    }
}
