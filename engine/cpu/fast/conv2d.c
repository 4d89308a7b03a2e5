/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-conv.h"

/* Direct convolution, and its gradient with respect to the input, which is a convolution too: of dy
 * by the mirrored kernel. With a stride the input pixels fall into stride × stride classes, each of
 * which meets only its own taps: a convolution a class. */

#define MAX_DEPTH 512 /* of one product: its piece of the weights fits the first-level cache */

typedef struct
{
  TpdImages in, out;
  int64_t n_images;
  int64_t origin_y, origin_x; /* input pixel of tap (0, 0) at output pixel (0, 0) */
  int64_t step;               /* input pixels from one output pixel to the next */
  int64_t kh, kw;

  float *weights; /* [lanes / 16][kh][kw · input channels][16] */
  float *bias;    /* [lanes], zeros where there is none */
  float *scratch; /* per thread: a padded band of the input, and one of 16 output channels */
  int64_t scratch_floats, band_floats;
  int64_t band_rows, bands, band_columns;
} Conv;

/* The kernel of one convolution as strides of the weights: mirrored ones are negative. */
typedef struct
{
  const float *data; /* of tap (0, 0) */
  int64_t out_stride, y_stride, x_stride, in_stride;
} Kernel;

/* ── one band of output rows ── */

/* Where 16 channels of a band go. */
typedef struct
{
  float *data;
  int64_t y_stride, x_stride;
} Lanes;

/* Adds the taps of kernel rows ky …, of each the part `depth` numbers long from `begin`, to the
 * bias or, without one, to what is there. */
static void
add_taps (const Conv *conv, Lanes y, const float *bias, int64_t rows, const float *band,
          const float *weights, int64_t ky, int64_t n_ky, int64_t begin, int64_t depth)
{
  int64_t window = conv->kw * conv->in.channels, row = conv->band_columns * conv->in.channels;

  for (int64_t r = 0; r < rows; r++, y.data += y.y_stride)
    tpd_tile_by_rows ((TpdTile){.a = band + (r * conv->step + ky) * row + begin,
                                .b = weights + (ky * window + begin) * TPD_LANES,
                                .c = y.data,
                                .a_stride = conv->step * conv->in.channels,
                                .b_stride = TPD_LANES,
                                .c_stride = y.x_stride,
                                .depth = depth,
                                .segments = n_ky,
                                .a_segment = row,
                                .b_segment = window * TPD_LANES,
                                .start = bias != NULL ? bias : y.data,
                                .start_stride = bias != NULL ? 0 : y.x_stride},
                      conv->out.width);
}

static void
convolve_lanes (const Conv *conv, Lanes y, const float *bias, int64_t rows, const float *band,
                const float *weights)
{
  int64_t window = conv->kw * conv->in.channels, part;

  if (conv->kh * window <= MAX_DEPTH)
    {
      add_taps (conv, y, bias, rows, band, weights, 0, conv->kh, 0, window);
      return;
    }
  part = tpd_ceil_div (window, tpd_ceil_div (window, MAX_DEPTH));
  for (int64_t ky = 0; ky < conv->kh; ky++)
    for (int64_t begin = 0; begin < window; begin += part, bias = NULL)
      add_taps (conv, y, bias, rows, band, weights, ky, 1, begin, MIN (part, window - begin));
}

static void
convolve_band (const Conv *conv, int64_t n, int64_t first, float *scratch)
{
  const TpdImages *out = &conv->out;
  int64_t rows = MIN (conv->band_rows, out->height - first);
  float *y = out->data + n * out->n_stride + first * out->y_stride;
  float *band = scratch, *spare = scratch + conv->band_floats;

  tpd_copy_band (band, &conv->in, n, conv->origin_y + first * conv->step, conv->origin_x,
                 (rows - 1) * conv->step + conv->kh, conv->band_columns);
  for (int64_t c = 0; c < out->channels; c += TPD_LANES)
    {
      int64_t n_lanes = MIN (TPD_LANES, out->channels - c);
      Lanes lanes = {y + c, out->y_stride, out->x_stride};

      if (n_lanes < TPD_LANES)
        lanes = (Lanes){spare, out->width * TPD_LANES, TPD_LANES};
      convolve_lanes (conv, lanes, conv->bias + c, rows, band,
                      conv->weights + c * conv->kh * conv->kw * conv->in.channels);
      for (int64_t r = 0; r < rows && n_lanes < TPD_LANES; r++)
        for (int64_t x = 0; x < out->width; x++)
          memcpy (y + c + r * out->y_stride + x * out->x_stride,
                  spare + (r * out->width + x) * TPD_LANES, sizeof (float) * (size_t)n_lanes);
    }
}

static void
convolve_bands (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Conv *conv = data;

  for (gint64 job = begin; job < end; job++)
    convolve_band (conv, job / conv->bands, job % conv->bands * conv->band_rows,
                   conv->scratch + thread * conv->scratch_floats);
}

/* ── one convolution ── */

typedef struct
{
  const Conv *conv;
  const Kernel *kernel;
} Packing;

/* Lanes beyond the last channel get zeros. */
static void
pack_weights (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Conv *conv = ((Packing *)data)->conv;
  const Kernel *kernel = ((Packing *)data)->kernel;
  int64_t channels = conv->in.channels;
  float *to = conv->weights + begin * conv->kh * conv->kw * channels * TPD_LANES;

  for (int64_t panel = begin; panel < end; panel++)
    for (int64_t ky = 0; ky < conv->kh; ky++)
      for (int64_t kx = 0; kx < conv->kw; kx++)
        for (int64_t i = 0; i < channels; i++, to += TPD_LANES)
          for (int64_t lane = 0; lane < TPD_LANES; lane++)
            {
              int64_t c = panel * TPD_LANES + lane;

              to[lane] = c < conv->out.channels
                             ? kernel->data[c * kernel->out_stride + ky * kernel->y_stride +
                                            kx * kernel->x_stride + i * kernel->in_stride]
                             : 0;
            }
}

/* Fills in what is left open in *conv and runs it. */
static void
convolve (TpdExec *exec, Conv *conv, const Kernel *kernel, const TpdView *bias)
{
  int64_t threads = tpd_parallel_n_threads (), channels = conv->out.channels;
  int64_t panels = tpd_ceil_div (channels, TPD_LANES), row, max_rows;
  int64_t weight_floats = panels * TPD_LANES * conv->kh * conv->kw * conv->in.channels;

  if (conv->n_images * conv->out.height * conv->out.width == 0)
    return;
  conv->band_columns = (conv->out.width - 1) * conv->step + conv->kw;
  row = MAX (conv->band_columns * conv->in.channels, 1);
  max_rows = (TPD_BAND_FLOATS / row - conv->kh) / conv->step + 1;
  max_rows = MIN (max_rows, tpd_ceil_div (conv->n_images * conv->out.height, 2 * threads));
  conv->bands = tpd_ceil_div (conv->out.height, MAX (max_rows, 1));
  conv->band_rows = tpd_ceil_div (conv->out.height, conv->bands);
  conv->band_floats = ((conv->band_rows - 1) * conv->step + conv->kh) * row;
  conv->scratch_floats = conv->band_floats + conv->band_rows * conv->out.width * TPD_LANES;
  conv->weights =
      exec->scratch (exec, sizeof (float) * (size_t)(weight_floats + panels * TPD_LANES +
                                                     threads * conv->scratch_floats));
  if (conv->weights == NULL)
    return;
  conv->bias = conv->weights + weight_floats;
  conv->scratch = conv->bias + panels * TPD_LANES;

  for (int64_t c = 0; c < panels * TPD_LANES; c++)
    conv->bias[c] = bias != NULL && c < channels ? ((float *)bias->data)[c * bias->stride[0]] : 0;
  tpd_parallel_for (panels, tpd_ceil_div (16384, weight_floats / panels + 1), pack_weights,
                    &(Packing){conv, kernel});
  tpd_parallel_for (conv->n_images * conv->bands, 1, convolve_bands, conv);
}

/* ── the ops ── */

void
TPD_FAST_OP (conv2d) (TpdExec *exec, const TpdView *y, const TpdView *x, const TpdView *w,
                      const TpdView *b, TpdConvGeometry geometry)
{
  Kernel kernel = {w->data, w->stride[0], w->stride[1], w->stride[2], w->stride[3]};
  Conv conv = {.n_images = x->shape[0],
               .origin_y = -geometry.pad_top,
               .origin_x = -geometry.pad_left,
               .step = geometry.stride,
               .kh = w->shape[1],
               .kw = w->shape[2]};
  TpdView y_rows, x_rows, w_rows;

  if (!tpd_as_images (y, &conv.out) || !tpd_as_images (x, &conv.in) || w->dtype != TPD_F32)
    tpd_cpu_conv2d (exec, y, x, w, b, geometry);
  else if (tpd_conv_as_product (y, x, w, geometry, &y_rows, &x_rows, &w_rows))
    TPD_FAST_OP (gemm) (exec, &y_rows, &x_rows, &w_rows, b, FALSE, TRUE, 1, 0);
  else
    convolve (exec, &conv, &kernel, b);
}

/* The class of input pixels (stride · t + first) along one side. They meet the taps tap, tap +
 * stride, …, mirrored: tap number j of n_taps lies at output pixel t + origin + j. */
typedef struct
{
  int64_t first, size; /* pixels of the class: `size` of them */
  int64_t tap, n_taps;
  int64_t origin;
} PixelClass;

static PixelClass
pixel_class (int64_t first, int64_t input_size, int64_t kernel, int64_t pad, int64_t stride)
{
  PixelClass k = {.first = first, .tap = (first + pad) % stride};

  k.size = first < input_size ? tpd_ceil_div (input_size - first, stride) : 0;
  k.n_taps = k.tap < kernel ? tpd_ceil_div (kernel - k.tap, stride) : 0;
  k.origin = (first + pad) / stride - (k.n_taps - 1);
  return k;
}

void
TPD_FAST_OP (conv2d_bwd_x) (TpdExec *exec, const TpdView *dx, const TpdView *dy, const TpdView *w,
                            TpdConvGeometry geometry)
{
  int64_t stride = geometry.stride;
  TpdImages out, in;
  TpdView dy_rows, dx_rows, w_rows;

  if (!tpd_as_images (dx, &out) || !tpd_as_images (dy, &in) || w->dtype != TPD_F32)
    {
      tpd_cpu_conv2d_bwd_x (exec, dx, dy, w, geometry);
      return;
    }
  if (tpd_conv_as_product (dy, dx, w, geometry, &dy_rows, &dx_rows, &w_rows))
    {
      TPD_FAST_OP (gemm) (exec, &dx_rows, &dy_rows, &w_rows, NULL, FALSE, FALSE, 1, 0);
      return;
    }
  for (int64_t class = 0; class < stride * stride; class ++)
    {
      PixelClass v =
          pixel_class (class / stride, out.height, w->shape[1], geometry.pad_top, stride);
      PixelClass h =
          pixel_class (class % stride, out.width, w->shape[2], geometry.pad_left, stride);
      int64_t last_y = v.tap + (v.n_taps - 1) * stride, last_x = h.tap + (h.n_taps - 1) * stride;
      Kernel kernel = {(float *)w->data + last_y * w->stride[1] + last_x * w->stride[2],
                       w->stride[3], -stride * w->stride[1], -stride * w->stride[2], w->stride[0]};
      Conv conv = {.in = in,
                   .out = {out.data + v.first * out.y_stride + h.first * out.x_stride, out.n_stride,
                           stride * out.y_stride, stride * out.x_stride, v.size, h.size,
                           out.channels},
                   .n_images = dx->shape[0],
                   .origin_y = v.origin,
                   .origin_x = h.origin,
                   .step = 1,
                   .kh = v.n_taps,
                   .kw = h.n_taps};

      convolve (exec, &conv, &kernel, NULL);
    }
}
