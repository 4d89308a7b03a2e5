/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "tpd-pieces.h"

/* The constants of the update, worked out. */
typedef struct
{
  float beta1, beta2, scale, eps;
  float step;   /* learning rate / (1 − beta1^t) */
  float second; /* 1 / (1 − beta2^t) */
} Constants;

typedef struct
{
  const TpdView *const *p, *const *g, *const *m, *const *v;
  const int64_t *first;
  const uint8_t *decay;
  Constants constants;
  float shrink; /* 1 − learning rate · weight decay */
} Job;

static void
update (float *restrict p, const float *restrict g, float *restrict m, float *restrict v,
        Constants k, float shrink, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    {
      float gradient = k.scale * g[i];

      m[i] = k.beta1 * m[i] + (1 - k.beta1) * gradient;
      v[i] = k.beta2 * v[i] + (1 - k.beta2) * gradient * gradient;
      p[i] = shrink * p[i] - k.step * m[i] / (sqrtf (v[i] * k.second) + k.eps);
    }
}

static void
update_pieces (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Job *job = data;
  size_t k = 0;

  for (gint64 i = begin; i < end; i++)
    {
      int64_t start, n = tpd_pieces_find (job->first, job->p, i, &k, &start);

      update ((float *)job->p[k]->data + start, (const float *)job->g[k]->data + start,
              (float *)job->m[k]->data + start, (float *)job->v[k]->data + start, job->constants,
              job->decay[k] ? job->shrink : 1, n);
    }
}

static gboolean
all_contiguous_f32 (const TpdView *const *x, size_t n)
{
  for (size_t k = 0; k < n; k++)
    if (!tpd_is_contiguous_f32 (x[k]))
      return FALSE;
  return TRUE;
}

void
TPD_FAST_OP (adamw) (TpdExec *exec, size_t n, const TpdView *const *p, const TpdView *const *g,
                     const TpdView *const *m, const TpdView *const *v, const uint8_t *decay,
                     const TpdAdamW *hyper)
{
  g_autofree int64_t *first = tpd_pieces_new (p, n);
  double correction1 = 1 - pow (hyper->beta1, (double)hyper->step);
  double correction2 = 1 - pow (hyper->beta2, (double)hyper->step);
  Job job = {p, g, m, v, first, decay};

  if (first == NULL || !all_contiguous_f32 (g, n))
    {
      tpd_cpu_adamw (exec, n, p, g, m, v, decay, hyper);
      return;
    }
  job.constants = (Constants){.beta1 = (float)hyper->beta1,
                              .beta2 = (float)hyper->beta2,
                              .scale = (float)hyper->gradient_scale,
                              .eps = (float)hyper->eps,
                              .step = (float)(hyper->learning_rate / correction1),
                              .second = (float)(1 / correction2)};
  job.shrink = (float)(1 - hyper->learning_rate * hyper->weight_decay);
  tpd_parallel_for (first[n], TPD_PIECE_GRAIN, update_pieces, &job);
}
