/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

/* One head of one sample. */
typedef struct
{
  const TpdView *q, *k, *segment, *order;
  double scale;
  int64_t b, h;
} Head;

/* ⟨x_i, y_j⟩ */
static double
dot (const Head *head, const TpdView *x, int64_t i, const TpdView *y, int64_t j)
{
  double sum = 0;

  for (int64_t d = 0; d < x->shape[3]; d++)
    sum += TPD_GET (x, head->b, i, head->h, d) * TPD_GET (y, head->b, j, head->h, d);
  return sum;
}

/* Σ_n weight_n x_nd */
static double
weighted_sum (const Head *head, const double *weight, const TpdView *x, int64_t d)
{
  double sum = 0;

  for (int64_t n = 0; n < x->shape[1]; n++)
    sum += weight[n] * TPD_GET (x, head->b, n, head->h, d);
  return sum;
}

/* The score of key j for query i; −∞ where it is masked. */
static double
score (const Head *head, int64_t i, int64_t j)
{
  const TpdView *segment = head->segment, *order = head->order;

  if (segment != NULL && TPD_GET (segment, head->b, i) != TPD_GET (segment, head->b, j))
    return -INFINITY;
  if (order != NULL && TPD_GET (order, i) < TPD_GET (order, j))
    return -INFINITY;
  return head->scale * dot (head, head->q, i, head->k, j);
}

/* s_j = softmax of the scores s_j over all keys. Returns their log-sum-exp. */
static double
softmax (double *s, int64_t n_keys)
{
  double max = -INFINITY, sum = 0;

  for (int64_t j = 0; j < n_keys; j++)
    max = fmax (max, s[j]);
  for (int64_t j = 0; j < n_keys; j++)
    sum += exp (s[j] - max);
  for (int64_t j = 0; j < n_keys; j++)
    s[j] = exp (s[j] - max) / sum;
  return max + log (sum);
}

void
tpd_cpu_attention (TpdExec *exec, const TpdView *o, const TpdView *lse, const TpdView *q,
                   const TpdView *k, const TpdView *v, const TpdView *segment, const TpdView *order,
                   double scale)
{
  int64_t n_queries = q->shape[1], n_keys = k->shape[1], size = q->shape[3];
  double *p = exec->scratch (exec, (size_t)n_keys * sizeof *p);
  Head head = {q, k, segment, order, scale};

  if (p == NULL)
    return;
  for (head.b = 0; head.b < q->shape[0]; head.b++)
    for (head.h = 0; head.h < q->shape[2]; head.h++)
      for (int64_t i = 0; i < n_queries; i++)
        {
          for (int64_t j = 0; j < n_keys; j++)
            p[j] = score (&head, i, j);
          TPD_SET (lse, softmax (p, n_keys), head.b, head.h, i);
          for (int64_t d = 0; d < size; d++)
            TPD_SET (o, weighted_sum (&head, p, v, d), head.b, i, head.h, d);
        }
}

/* With p_ij = exp (score_ij − lse_i):
 *   dp_ij = ⟨go_i, v_j⟩        ds_ij = p_ij (dp_ij − ⟨go_i, o_i⟩)
 *   dq_i = scale Σ_j ds_ij k_j    dk_j = scale Σ_i ds_ij q_i    dv_j = Σ_i p_ij go_i */
void
tpd_cpu_attention_bwd (TpdExec *exec, const TpdView *dq, const TpdView *dk, const TpdView *dv,
                       const TpdView *go, const TpdView *q, const TpdView *k, const TpdView *v,
                       const TpdView *o, const TpdView *lse, const TpdView *segment,
                       const TpdView *order, double scale)
{
  int64_t n_queries = q->shape[1], n_keys = k->shape[1], size = q->shape[3];
  int64_t room = n_queries > n_keys ? n_queries : n_keys;
  double *p = exec->scratch (exec, 2 * (size_t)room * sizeof *p), *ds = p + room;
  Head head = {q, k, segment, order, scale};

  if (p == NULL)
    return;
  for (head.b = 0; head.b < q->shape[0]; head.b++)
    for (head.h = 0; head.h < q->shape[2]; head.h++)
      {
        for (int64_t i = 0; i < n_queries; i++)
          {
            double total = TPD_GET (lse, head.b, head.h, i), go_o = dot (&head, go, i, o, i);

            for (int64_t j = 0; j < n_keys; j++)
              ds[j] = exp (score (&head, i, j) - total) * (dot (&head, go, i, v, j) - go_o);
            for (int64_t d = 0; d < size; d++)
              TPD_SET (dq, scale * weighted_sum (&head, ds, k, d), head.b, i, head.h, d);
          }
        for (int64_t j = 0; j < n_keys; j++)
          {
            for (int64_t i = 0; i < n_queries; i++)
              {
                p[i] = exp (score (&head, i, j) - TPD_GET (lse, head.b, head.h, i));
                ds[i] = p[i] * (dot (&head, go, i, v, j) - dot (&head, go, i, o, i));
              }
            for (int64_t d = 0; d < size; d++)
              {
                TPD_SET (dk, scale * weighted_sum (&head, ds, q, d), head.b, j, head.h, d);
                TPD_SET (dv, weighted_sum (&head, p, go, d), head.b, j, head.h, d);
              }
          }
      }
}
