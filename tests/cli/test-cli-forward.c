/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>

#include "golden.h"
#include "io/tpd-safetensors-writer.h"

/* As in the golden tests: f32 against f32. */
#define TOLERANCE 1e-5

/* A model folder with one component, whose weights are those of a golden file, and files for inputs
 * and outputs beside it. */
typedef struct
{
  char *root, *folder, *config, *weights, *input, *output;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->root = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  f->input = g_build_filename (f->root, "in.safetensors", NULL);
  f->output = g_build_filename (f->root, "out.safetensors", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_remove (f->input);
  g_remove (f->output);
  if (f->folder != NULL)
    {
      g_remove (f->config);
      g_remove (f->weights);
      g_assert_cmpint (g_rmdir (f->folder), ==, 0);
    }
  g_assert_cmpint (g_rmdir (f->root), ==, 0); /* no temporary file remained */
  g_free (f->root);
  g_free (f->folder);
  g_free (f->config);
  g_free (f->weights);
  g_free (f->input);
  g_free (f->output);
}

/* `weights`: the file's name in the folder; `golden`: the golden file to copy there. The metadata
 * of `file` holds the config; its class is added. */
static void
make_component (Fixture *f, const char *folder, const char *weights, const char *golden,
                TpdSafetensors *file, const char *class_name)
{
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "data", golden, NULL);
  g_autofree char *bytes = NULL;
  g_autofree char *config =
      g_strdup_printf ("{%s, %s", class_name, tpd_safetensors_get_metadata (file, "config") + 1);
  gsize n;

  f->folder = g_build_filename (f->root, folder, NULL);
  f->config = g_build_filename (f->folder, "config.json", NULL);
  f->weights = g_build_filename (f->folder, weights, NULL);
  g_assert_cmpint (g_mkdir (f->folder, 0777), ==, 0);
  g_assert_true (g_file_set_contents (f->config, config, -1, NULL));
  g_assert_true (g_file_get_contents (from, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (f->weights, bytes, (gssize)n, NULL));
}

/* ── tensors on the host, f32 ── */

typedef struct
{
  const char *name;
  TpdHostTensor tensor;
  float *values; /* owned, nullable: where the data was made here */
} Named;

static gint64
count (const TpdHostTensor *tensor)
{
  gint64 n = 1;

  for (int i = 0; i < tensor->n_dims; i++)
    n *= tensor->shape[i];
  return n;
}

/* A golden tensor under another name, its dimensions permuted. */
static Named
permuted (TpdSafetensors *file, const char *from, const char *name, const int *order)
{
  g_autoptr (GError) error = NULL;
  Named self = {.name = name};
  gint64 stride[TPD_MAX_DIMS], n;
  TpdHostTensor source;

  tpd_safetensors_require (file, from, &source, &error);
  g_assert_no_error (error);
  g_assert_cmpint (source.dtype, ==, TPD_F32);
  n = count (&source);
  self.values = g_new (float, n);
  self.tensor = (TpdHostTensor){TPD_F32, source.n_dims, {0}, self.values};
  stride[source.n_dims - 1] = 1;
  for (int i = source.n_dims - 1; i > 0; i--)
    stride[i - 1] = stride[i] * source.shape[i];
  for (int i = 0; i < source.n_dims; i++)
    self.tensor.shape[i] = source.shape[order[i]];
  for (gint64 i = 0; i < n; i++)
    {
      gint64 rest = i, at = 0;

      for (int d = source.n_dims - 1; d >= 0; d--)
        {
          at += rest % self.tensor.shape[d] * stride[order[d]];
          rest /= self.tensor.shape[d];
        }
      self.values[i] = ((const float *)source.data)[at];
    }
  return self;
}

/* A golden tensor under another name. */
static Named
renamed (TpdSafetensors *file, const char *from, const char *name)
{
  g_autoptr (GError) error = NULL;
  Named self = {.name = name};

  tpd_safetensors_require (file, from, &self.tensor, &error);
  g_assert_no_error (error);
  return self;
}

static const int as_it_is[] = {0, 1, 2, 3, 4};
static const int swap_frames[] = {0, 2, 1, 3, 4}; /* [B, F, C, H, W] ↔ [B, C, F, H, W] */
static const int channels_first[] = {0, 3, 1, 2}; /* [N, H, W, C] → [N, C, H, W] */

static void
write_input (Fixture *f, Named *inputs, guint n)
{
  g_autoptr (TpdSafetensorsWriter) writer = tpd_safetensors_writer_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    tpd_safetensors_writer_declare (writer, inputs[i].name, inputs[i].tensor.dtype,
                                    inputs[i].tensor.n_dims, inputs[i].tensor.shape);
  tpd_safetensors_writer_open (writer, f->input, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    {
      tpd_safetensors_writer_write (writer, inputs[i].name, &inputs[i].tensor, &error);
      g_assert_no_error (error);
      g_free (inputs[i].values);
    }
  tpd_safetensors_writer_commit (writer, &error);
  g_assert_no_error (error);
}

/* Compares an output with what PyTorch gave, and frees the latter. */
static void
compare (Fixture *f, Named expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdSafetensors) file = tpd_safetensors_open (f->output, &error);
  double difference = 0, size = 0;
  TpdHostTensor got;

  g_assert_no_error (error);
  tpd_safetensors_require (file, expected.name, &got, &error);
  g_assert_no_error (error);
  g_assert_cmpint (got.dtype, ==, TPD_F32);
  g_assert_cmpint (got.n_dims, ==, expected.tensor.n_dims);
  for (int i = 0; i < got.n_dims; i++)
    g_assert_cmpint (got.shape[i], ==, expected.tensor.shape[i]);
  for (gint64 i = 0; i < count (&got); i++)
    {
      difference += pow ((double)((const float *)got.data)[i] - (double)expected.values[i], 2);
      size += pow ((double)expected.values[i], 2);
    }
  g_assert_cmpfloat (sqrt (difference), <=, TOLERANCE * sqrt (size));
  g_free (expected.values);
}

static Result *
forward (Fixture *f, const char *component)
{
  return run_tpdiff ("forward", "--model", f->root, "--component", component, "--input", f->input,
                     "--output", f->output, "--device", "cpu", NULL);
}

static void
assert_ran (Fixture *f, const char *component)
{
  g_autoptr (Result) result = forward (f, component);

  g_assert_cmpstr (result->err, ==, "");
  g_assert_cmpstr (result->out, ==, "");
  g_assert_cmpint (result->status, ==, 0);
}

/* ── the components ── */

static void
test_transformer (Fixture *f, gconstpointer data)
{
  g_autoptr (TpdSafetensors) file = golden_open ("miniflux-padded.safetensors");
  static const gint64 stride = 2; /* the file's frame_stride */

  make_component (f, "transformer", "diffusion_pytorch_model.safetensors",
                  "miniflux-weights.safetensors", file,
                  "\"_class_name\": \"PyramidFluxTransformer\"");
  write_input (f,
               (Named[]){
                   permuted (file, "x", "sample", swap_frames),
                   renamed (file, "text", "encoder_hidden_states"),
                   renamed (file, "mask", "encoder_attention_mask"),
                   renamed (file, "pooled", "pooled_projections"),
                   renamed (file, "timesteps", "timestep_ratio"),
                   {"frame_stride", {TPD_I64, 0, {0}, &stride}, NULL},
               },
               6);
  assert_ran (f, "transformer");
  compare (f, permuted (file, "output", "sample", swap_frames));
}

static void
test_vae (Fixture *f, gconstpointer data)
{
  const char *golden = "vae-attention.safetensors";
  g_autoptr (TpdSafetensors) file = golden_open (golden);

  make_component (f, "vae", "diffusion_pytorch_model.safetensors", golden, file,
                  "\"_class_name\": \"AutoencoderKL\"");
  write_input (f, (Named[]){permuted (file, "images", "sample", channels_first)}, 1);
  assert_ran (f, "vae-encode");
  compare (f, permuted (file, "mean", "latent_dist.mean", as_it_is));
  compare (f, permuted (file, "logvar", "latent_dist.logvar", as_it_is));
  write_input (f, (Named[]){renamed (file, "mean", "latents")}, 1);
  assert_ran (f, "vae-decode");
  compare (f, permuted (file, "decoded_mean", "sample", channels_first));
}

static void
test_text_encoder (Fixture *f, gconstpointer data)
{
  const char *golden = "clip-text-sd15.safetensors";
  g_autoptr (TpdSafetensors) file = golden_open (golden);

  make_component (f, "text_encoder", "model.safetensors", golden, file,
                  "\"architectures\": [\"CLIPTextModel\"]");
  write_input (f, (Named[]){renamed (file, "ids", "input_ids")}, 1);
  assert_ran (f, "text-encoder");
  compare (f, permuted (file, "states", "last_hidden_state", as_it_is));
  compare (f, permuted (file, "pooled", "pooler_output", as_it_is));
}

/* ── refusals ── */

static void
test_refused (Fixture *f, gconstpointer data)
{
  const char *golden = "clip-text-sd15.safetensors";
  g_autoptr (TpdSafetensors) file = golden_open (golden);
  static const gint32 ids[] = {1, 2, 3, 1000, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  Named flat = {"input_ids", {TPD_I32, 1, {4}, ids}, NULL};
  Named large = {"input_ids", {TPD_I32, 2, {1, 4}, ids}, NULL};
  Named wide = {"input_ids", {TPD_I32, 2, {1, 16}, ids}, NULL};
  Named other = {"ids", {TPD_I32, 2, {1, 4}, ids}, NULL};
  g_autoptr (Result) no_component = forward (f, "text-encoder");
  g_autoptr (Result) unknown = forward (f, "decoder");
  g_autoptr (Result) no_options = run_tpdiff ("forward", NULL);
  g_autoptr (Result) no_input = NULL;

  assert_refused (no_component, 1, "text_encoder/config.json");
  assert_refused (unknown, 2, "\"decoder\"");
  assert_refused (no_options, 2, "--input");
  make_component (f, "text_encoder", "model.safetensors", golden, file,
                  "\"architectures\": [\"CLIPTextModel\"]");
  no_input = forward (f, "text-encoder");
  assert_refused (no_input, 1, "in.safetensors: there is no such file");

  for (guint i = 0; i < 4; i++)
    {
      Named *inputs[] = {&flat, &large, &wide, &other};
      const char *const messages[] = {"should have 2 dimensions, but has 1", "1000", "16",
                                      "there is no tensor \"input_ids\""};
      g_autoptr (Result) result = NULL;

      write_input (f, inputs[i], 1);
      result = forward (f, "text-encoder");
      assert_refused (result, 1, messages[i]);
      g_assert_false (g_file_test (f->output, G_FILE_TEST_EXISTS));
    }
}

/* An old output survives a disk that is full, played by a limit on the size of files. */
static void
test_disk_full (Fixture *f, gconstpointer data)
{
  const char *golden = "vae-attention.safetensors";
  g_autoptr (TpdSafetensors) file = golden_open (golden);
  g_autofree char *command = NULL, *error_text = NULL, *old = NULL;
  int status;

  make_component (f, "vae", "diffusion_pytorch_model.safetensors", golden, file,
                  "\"_class_name\": \"AutoencoderKL\"");
  write_input (f, (Named[]){renamed (file, "mean", "latents")}, 1);
  g_assert_true (g_file_set_contents (f->output, "old", -1, NULL));
  command =
      g_strdup_printf ("sh -c 'ulimit -f 1; exec %s forward --model %s --component vae-decode "
                       "--input %s --output %s --device cpu'",
                       g_getenv ("TPDIFF"), f->root, f->input, f->output);
  g_assert_true (g_spawn_command_line_sync (command, NULL, &error_text, &status, NULL));
  g_test_message ("%s", error_text);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 1);
  g_assert_nonnull (strstr (error_text, "out.safetensors: File too large"));
  g_assert_true (g_file_get_contents (f->output, &old, NULL, NULL));
  g_assert_cmpstr (old, ==, "old");
}

static void
test_unused (Fixture *f, gconstpointer data)
{
  const char *golden = "clip-text-sd15.safetensors";
  g_autoptr (TpdSafetensors) file = golden_open (golden);
  static const gint32 ids[] = {1, 2, 3, 4};
  g_autoptr (Result) result = NULL;

  make_component (f, "text_encoder", "model.safetensors", golden, file,
                  "\"architectures\": [\"CLIPTextModel\"]");
  write_input (f,
               (Named[]){{"input_ids", {TPD_I32, 2, {1, 4}, ids}, NULL},
                         {"attention_mask", {TPD_I32, 2, {1, 4}, ids}, NULL}},
               2);
  result = forward (f, "text-encoder");
  g_assert_cmpint (result->status, ==, 0);
  g_assert_nonnull (strstr (result->err, "\"attention_mask\" is not used"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/cli/forward/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("transformer", test_transformer);
  ADD ("vae", test_vae);
  ADD ("text-encoder", test_text_encoder);
  ADD ("refused", test_refused);
  ADD ("disk-full", test_disk_full);
  ADD ("unused", test_unused);
  return g_test_run ();
}
