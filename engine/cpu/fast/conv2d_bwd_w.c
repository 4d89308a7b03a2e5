/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-conv.h"

/* dw[o][ky][(kx, i)] = Σ_pixels dy[pixel][o] · window (pixel)[ky][(kx, i)]
 *
 * A product whose depth is the pixels: lanes run along the window, rows along the output channels.
 * The images are cut into parts that sum on their own and are added in order afterwards. */

#define BAND_PIXELS    192                 /* depth of one product, if the cache allows */
#define PARTIAL_FLOATS ((int64_t)16 << 20) /* most that all parts together may take */

typedef struct
{
  TpdImages dy, x;
  TpdConvGeometry geometry;
  int64_t n_images, kh, kw;
  int64_t window, window_lanes; /* kw · I, and rounded up to whole lanes */
  int64_t band_rows, bands, band_columns;

  /* Job = part of the bands × block of output channels. */
  int64_t n_parts, n_blocks, block_channels;
  float *partial; /* [n_parts][O][kh · window_lanes + 1], the last one for the bias */
  float *scratch; /* per thread: a padded band, room to read past its end */
  int64_t scratch_floats;

  const TpdView *dw, *db;
} Conv;

static int64_t
row_floats (const Conv *conv)
{
  return conv->kh * conv->window_lanes + 1;
}

/* Sums dy over the band's pixels. */
static void
add_bias (const Conv *conv, float *sum, int64_t sum_stride, const float *dy, int64_t rows,
          int64_t channels)
{
  for (int64_t r = 0; r < rows; r++)
    for (int64_t x = 0; x < conv->dy.width; x++)
      for (int64_t c = 0; c < channels; c++)
        sum[c * sum_stride] += dy[r * conv->dy.y_stride + x * conv->dy.x_stride + c];
}

static void
add_band (const Conv *conv, int64_t band, int64_t channel, int64_t channels, float *partial,
          float *scratch)
{
  int64_t n = band / conv->bands, first = band % conv->bands * conv->band_rows;
  int64_t rows = MIN (conv->band_rows, conv->dy.height - first), stride = conv->geometry.stride;
  int64_t row = conv->band_columns * conv->x.channels;
  const float *dy = conv->dy.data + n * conv->dy.n_stride + first * conv->dy.y_stride + channel;

  tpd_copy_band (scratch, &conv->x, n, first * stride - conv->geometry.pad_top,
                 -conv->geometry.pad_left, (rows - 1) * stride + conv->kh, conv->band_columns);
  for (int64_t ky = 0; ky < conv->kh; ky++)
    for (int64_t lane = 0; lane < conv->window_lanes; lane += TPD_LANES)
      tpd_tile_by_columns ((TpdTile){.a = dy,
                                     .b = scratch + ky * row + lane,
                                     .c = partial + ky * conv->window_lanes + lane,
                                     .a_stride = conv->dy.x_stride,
                                     .b_stride = stride * conv->x.channels,
                                     .c_stride = row_floats (conv),
                                     .depth = conv->dy.width,
                                     .segments = rows,
                                     .a_segment = conv->dy.y_stride,
                                     .b_segment = stride * row,
                                     .start = partial + ky * conv->window_lanes + lane,
                                     .start_stride = row_floats (conv)},
                           channels);
  if (conv->db != NULL)
    add_bias (conv, partial + row_floats (conv) - 1, row_floats (conv), dy, rows, channels);
}

static void
compute_parts (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Conv *conv = data;
  int64_t all = conv->n_images * conv->bands, n_out = conv->dy.channels;

  for (gint64 job = begin; job < end; job++)
    {
      int64_t part = job / conv->n_blocks, channel = job % conv->n_blocks * conv->block_channels;
      int64_t channels = MIN (conv->block_channels, n_out - channel);
      float *partial = conv->partial + (part * n_out + channel) * row_floats (conv);

      memset (partial, 0, sizeof (float) * (size_t)(channels * row_floats (conv)));
      for (int64_t band = part * all / conv->n_parts; band < (part + 1) * all / conv->n_parts;
           band++)
        add_band (conv, band, channel, channels, partial,
                  conv->scratch + thread * conv->scratch_floats);
    }
}

/* Adds the parts up: output channels begin … end − 1. */
static void
add_parts (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Conv *conv = data;
  const TpdView *dw = conv->dw, *db = conv->db;
  int64_t channels = conv->x.channels, part_floats = conv->dy.channels * row_floats (conv);

  for (gint64 o = begin; o < end; o++)
    {
      float *sum = conv->partial + o * row_floats (conv);

      for (int64_t part = 1; part < conv->n_parts; part++)
        for (int64_t i = 0; i < row_floats (conv); i++)
          sum[i] += sum[part * part_floats + i];
      for (int64_t ky = 0; ky < conv->kh; ky++)
        for (int64_t kx = 0; kx < conv->kw; kx++)
          for (int64_t i = 0; i < channels; i++)
            ((float *)dw->data)[o * dw->stride[0] + ky * dw->stride[1] + kx * dw->stride[2] +
                                i * dw->stride[3]] =
                sum[ky * conv->window_lanes + kx * channels + i];
      if (db != NULL)
        ((float *)db->data)[o * db->stride[0]] = sum[row_floats (conv) - 1];
    }
}

/* Cuts the work into jobs: by images, and by output channels where the parts would take too much
 * memory. */
static void
plan (Conv *conv, int64_t threads)
{
  int64_t n_out = conv->dy.channels, stride = conv->geometry.stride;

  conv->window = conv->kw * conv->x.channels;
  conv->window_lanes = tpd_ceil_div (conv->window, TPD_LANES) * TPD_LANES;
  conv->band_columns = (conv->dy.width - 1) * stride + conv->kw;
  conv->band_rows =
      TPD_BAND_FLOATS / (conv->band_columns * conv->x.channels * stride + conv->dy.width * n_out);
  conv->band_rows = MIN (conv->band_rows, tpd_ceil_div (BAND_PIXELS, conv->dy.width));
  conv->band_rows = CLAMP (conv->band_rows, 1, conv->dy.height);
  conv->bands = tpd_ceil_div (conv->dy.height, conv->band_rows);
  conv->scratch_floats =
      ((conv->band_rows - 1) * stride + conv->kh) * conv->band_columns * conv->x.channels +
      TPD_LANES;

  conv->n_parts = MIN (4 * threads, conv->n_images * conv->bands);
  conv->n_parts = CLAMP (PARTIAL_FLOATS / (n_out * row_floats (conv)), 1, conv->n_parts);
  conv->n_blocks = MIN (tpd_ceil_div (4 * threads, conv->n_parts), tpd_ceil_div (n_out, 48));
  conv->block_channels = tpd_ceil_div (n_out, conv->n_blocks);
  conv->n_blocks = tpd_ceil_div (n_out, conv->block_channels);
}

void
TPD_FAST_OP (conv2d_bwd_w) (TpdExec *exec, const TpdView *dw, const TpdView *db, const TpdView *dy,
                            const TpdView *x, TpdConvGeometry geometry)
{
  int64_t threads = tpd_parallel_n_threads (), partial_floats;
  Conv conv = {.geometry = geometry,
               .n_images = x->shape[0],
               .kh = dw->shape[1],
               .kw = dw->shape[2],
               .dw = dw,
               .db = db};

  if (!tpd_as_images (dy, &conv.dy) || !tpd_as_images (x, &conv.x) || dw->dtype != TPD_F32 ||
      conv.n_images * conv.dy.height * conv.dy.width * conv.dy.channels * conv.x.channels == 0)
    {
      tpd_cpu_conv2d_bwd_w (exec, dw, db, dy, x, geometry);
      return;
    }
  plan (&conv, threads);
  partial_floats = conv.n_parts * conv.dy.channels * row_floats (&conv);
  conv.partial = exec->scratch (exec, sizeof (float) *
                                          (size_t)(partial_floats + threads * conv.scratch_floats));
  if (conv.partial == NULL)
    return;
  conv.scratch = conv.partial + partial_floats;
  tpd_parallel_for (conv.n_parts * conv.n_blocks, 1, compute_parts, &conv);
  tpd_parallel_for (conv.dy.channels, tpd_ceil_div (16384, conv.n_parts * row_floats (&conv)),
                    add_parts, &conv);
}
