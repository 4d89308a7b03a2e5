/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

/* Output pixel (oy, ox) sees input pixel (oy · stride + ky − pad_top, ox · stride + kx − pad_left)
 * through kernel tap (ky, kx); outside the image there are zeros. */
static int
inside (const TpdView *image, int64_t iy, int64_t ix)
{
  return iy >= 0 && iy < image->shape[1] && ix >= 0 && ix < image->shape[2];
}

static double
output_pixel (const TpdView *x, const TpdView *w, TpdConvGeometry g, int64_t n, int64_t oy,
              int64_t ox, int64_t o)
{
  double sum = 0;

  for (int64_t ky = 0; ky < w->shape[1]; ky++)
    for (int64_t kx = 0; kx < w->shape[2]; kx++)
      {
        int64_t iy = oy * g.stride + ky - g.pad_top, ix = ox * g.stride + kx - g.pad_left;

        for (int64_t i = 0; i < x->shape[3] && inside (x, iy, ix); i++)
          sum += TPD_GET (x, n, iy, ix, i) * TPD_GET (w, o, ky, kx, i);
      }
  return sum;
}

void
tpd_cpu_conv2d (TpdExec *exec, const TpdView *y, const TpdView *x, const TpdView *w,
                const TpdView *b, TpdConvGeometry geometry)
{
  for (int64_t n = 0; n < y->shape[0]; n++)
    for (int64_t oy = 0; oy < y->shape[1]; oy++)
      for (int64_t ox = 0; ox < y->shape[2]; ox++)
        for (int64_t o = 0; o < y->shape[3]; o++)
          {
            double bias = b != NULL ? TPD_GET (b, o) : 0;

            TPD_SET (y, bias + output_pixel (x, w, geometry, n, oy, ox, o), n, oy, ox, o);
          }
}

/* The sum over the outputs that see input pixel (iy, ix). */
static double
input_gradient (const TpdView *dy, const TpdView *w, TpdConvGeometry g, int64_t n, int64_t iy,
                int64_t ix, int64_t i)
{
  double sum = 0;

  for (int64_t ky = 0; ky < w->shape[1]; ky++)
    for (int64_t kx = 0; kx < w->shape[2]; kx++)
      {
        int64_t oy = iy + g.pad_top - ky, ox = ix + g.pad_left - kx;

        if (oy % g.stride != 0 || ox % g.stride != 0)
          continue;
        oy /= g.stride;
        ox /= g.stride;
        for (int64_t o = 0; o < dy->shape[3] && inside (dy, oy, ox); o++)
          sum += TPD_GET (dy, n, oy, ox, o) * TPD_GET (w, o, ky, kx, i);
      }
  return sum;
}

void
tpd_cpu_conv2d_bwd_x (TpdExec *exec, const TpdView *dx, const TpdView *dy, const TpdView *w,
                      TpdConvGeometry geometry)
{
  for (int64_t n = 0; n < dx->shape[0]; n++)
    for (int64_t iy = 0; iy < dx->shape[1]; iy++)
      for (int64_t ix = 0; ix < dx->shape[2]; ix++)
        for (int64_t i = 0; i < dx->shape[3]; i++)
          TPD_SET (dx, input_gradient (dy, w, geometry, n, iy, ix, i), n, iy, ix, i);
}

/* The sum over all places where input channel i meets output channel o at tap (ky, kx). */
static double
tap_gradient (const TpdView *dy, const TpdView *x, TpdConvGeometry g, int64_t o, int64_t ky,
              int64_t kx, int64_t i)
{
  double sum = 0;

  for (int64_t n = 0; n < dy->shape[0]; n++)
    for (int64_t oy = 0; oy < dy->shape[1]; oy++)
      for (int64_t ox = 0; ox < dy->shape[2]; ox++)
        {
          int64_t iy = oy * g.stride + ky - g.pad_top, ix = ox * g.stride + kx - g.pad_left;

          if (inside (x, iy, ix))
            sum += TPD_GET (dy, n, oy, ox, o) * TPD_GET (x, n, iy, ix, i);
        }
  return sum;
}

static double
bias_gradient (const TpdView *dy, int64_t o)
{
  double sum = 0;

  for (int64_t n = 0; n < dy->shape[0]; n++)
    for (int64_t oy = 0; oy < dy->shape[1]; oy++)
      for (int64_t ox = 0; ox < dy->shape[2]; ox++)
        sum += TPD_GET (dy, n, oy, ox, o);
  return sum;
}

void
tpd_cpu_conv2d_bwd_w (TpdExec *exec, const TpdView *dw, const TpdView *db, const TpdView *dy,
                      const TpdView *x, TpdConvGeometry geometry)
{
  for (int64_t o = 0; o < dw->shape[0]; o++)
    {
      for (int64_t ky = 0; ky < dw->shape[1]; ky++)
        for (int64_t kx = 0; kx < dw->shape[2]; kx++)
          for (int64_t i = 0; i < dw->shape[3]; i++)
            TPD_SET (dw, tap_gradient (dy, x, geometry, o, ky, kx, i), o, ky, kx, i);
      if (db != NULL)
        TPD_SET (db, bias_gradient (dy, o), o);
    }
}
