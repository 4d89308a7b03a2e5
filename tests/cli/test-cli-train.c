/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Trainings of a model of a few thousand numbers, as a user starts, kills and continues them. */

#include "run.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "../tree.h"
#include "io/tpd-safetensors.h"

#define FAILED      1 /* exit codes */
#define INTERRUPTED 130

/* What TpdDataset shows takes some learning even for a network this small: over 300 updates its
 * loss falls to about half. */
#define LEARNING_STEPS 300
#define MAX_LOSS_RATIO 0.8

/* Updates of the trainings that are interrupted, and after how many lines of the log. */
#define N_STEPS      "120"
#define N_LINES      120
#define INTERRUPT_AT 30

/* Less than a checkpoint, more than a log. */
#define DISK_BYTES 16384

/* Without class names, which are to be filled in. */
static const char components[] =
    "{\"transformer\": {\"patch_size\": 1, \"in_channels\": 16, \"num_layers\": 1,"
    " \"num_single_layers\": 1, \"attention_head_dim\": 6, \"num_attention_heads\": 2,"
    " \"joint_attention_dim\": 16, \"pooled_projection_dim\": 16, \"axes_dims_rope\": [2, 2, 2],"
    " \"use_temporal_causal\": false},"
    " \"text_encoder\": {\"hidden_size\": 16, \"intermediate_size\": 32,"
    " \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"max_position_embeddings\": 16,"
    " \"hidden_act\": \"quick_gelu\"},"
    " \"vae\": {\"down_block_types\": [\"DownEncoderBlock2D\", \"DownEncoderBlock2D\"],"
    " \"up_block_types\": [\"UpDecoderBlock2D\", \"UpDecoderBlock2D\"],"
    " \"block_out_channels\": [4, 8], \"layers_per_block\": 1, \"latent_channels\": 4,"
    " \"norm_num_groups\": 2, \"use_quant_conv\": false, \"use_post_quant_conv\": false,"
    " \"mid_block_add_attention\": false}}";

typedef struct
{
  char *folder; /* owned; everything is in it */
} Fixture;

static char *
path_of (Fixture *f, const char *name)
{
  return g_build_filename (f->folder, name, NULL);
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_autofree char *config = NULL;

  f->folder = g_dir_make_tmp ("tpd-train-XXXXXX", NULL);
  config = path_of (f, "components.json");
  g_assert_true (g_file_set_contents (config, components, -1, NULL));
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  tree_remove (f->folder);
  g_free (f->folder);
}

/* ── running it ── */

static void
limit_files (gpointer unused)
{
  const struct rlimit limit = {DISK_BYTES, DISK_BYTES};

  signal (SIGXFSZ, SIG_IGN); /* writes fail with EFBIG, as they do with ENOSPC on a full disk */
  setrlimit (RLIMIT_FSIZE, &limit);
}

/* `tpdiff train` into the folder `out` with options that make it tiny and the given ones. */
static GSubprocess *
start (Fixture *f, const char *out, gboolean full_disk, const char *const *more)
{
  g_autofree char *config = path_of (f, "components.json"), *cache = path_of (f, "cache");
  g_autofree char *out_path = path_of (f, out);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  GSubprocess *process;
  const char *const usual[] = {
      g_getenv ("TPDIFF"),
      "train",
      "--config",
      config,
      "--model",
      g_getenv ("TPDIFF_TEST_MODEL"),
      "--out",
      out_path,
      "--cache",
      cache,
      "--size",
      "16",
      "--frames",
      "8",
      "--clips",
      "32",
      "--batch",
      "4",
      "--lr",
      "0.01",
      "--warmup",
      "5",
      "--device",
      "cpu",
      "--lr-schedule",
      "constant",
      "--sample-every",
      "0",
  };

  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    g_ptr_array_add (argv, (gpointer)usual[i]);
  for (guint i = 0; more[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)more[i]);
  g_ptr_array_add (argv, NULL);
  if (full_disk)
    g_subprocess_launcher_set_child_setup (launcher, limit_files, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv->pdata, &error);
  g_assert_no_error (error);
  return process;
}

/* Waits for the end; returns what was printed on stderr. */
static char *
finish (GSubprocess *process)
{
  g_autoptr (GError) error = NULL;
  char *err;

  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &err, &error);
  g_assert_no_error (error);
  g_test_message ("%s", err);
  return err;
}

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void
train (Fixture *f, const char *out, const char *const *more)
{
  g_autoptr (GSubprocess) process = start (f, out, FALSE, more);
  g_autofree char *err = finish (process);

  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
}

/* Fails unless the last line on stderr is the one error, and names `what`. */
static void
train_in_vain (Fixture *f, const char *out, gboolean full_disk, const char *what,
               const char *const *more)
{
  g_autoptr (GSubprocess) process = start (f, out, full_disk, more);
  g_autofree char *err = finish (process);
  char *message;

  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, FAILED);
  message = strstr (err, "tpdiff train: ");
  g_assert_nonnull (message);
  g_assert_nonnull (strstr (message, what));
  g_assert_true (strchr (message, '\n') == message + strlen (message) - 1);
}

/* ── what it left ── */

/* Lines of the log without what depends on the clock; as many as are complete. */
static char **
read_log (Fixture *f, const char *out)
{
  g_autofree char *folder = path_of (f, out), *path = g_build_filename (folder, "log.jsonl", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GStrvBuilder *builder = g_strv_builder_new ();
  char **result;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    text = g_strdup ("");
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    {
      char *seconds = strstr (lines[i], ", \"seconds\"");

      g_assert_nonnull (seconds);
      *seconds = '\0';
      g_strv_builder_add (builder, lines[i]);
    }
  result = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return result;
}

static void
assert_same_log (Fixture *f, const char *a, const char *b, guint n_lines)
{
  g_auto (GStrv) x = read_log (f, a);
  g_auto (GStrv) y = read_log (f, b);

  g_assert_cmpuint (g_strv_length (x), ==, n_lines);
  g_assert_cmpuint (g_strv_length (y), ==, n_lines);
  for (guint i = 0; i < n_lines; i++)
    g_assert_cmpstr (x[i], ==, y[i]);
}

static double
mean_loss (char **lines, guint from, guint n)
{
  double sum = 0;

  for (guint i = from; i < from + n; i++)
    sum += g_ascii_strtod (strstr (lines[i], "\"loss\": ") + strlen ("\"loss\": "), NULL);
  return sum / n;
}

static GBytes *
read_bytes (Fixture *f, const char *name)
{
  g_autofree char *path = path_of (f, name);
  char *data;
  gsize length;

  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  return g_bytes_new_take (data, length);
}

static void
write_bytes (Fixture *f, const char *name, gconstpointer data, gsize length)
{
  g_autofree char *path = path_of (f, name);

  g_assert_true (g_file_set_contents (path, data, (gssize)length, NULL));
}

static void
assert_exists (Fixture *f, const char *name)
{
  g_autofree char *path = path_of (f, name);

  g_test_message ("%s", name);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* ── tests ── */

/* The model learns, and the folder it leaves is a model to which a vanilla one can be added and
 * that can be trained further. */
static void
test_learns (Fixture *f, gconstpointer unused)
{
  g_autofree char *model = path_of (f, "model");
  g_autofree char *steps = g_strdup_printf ("%d", LEARNING_STEPS);
  g_auto (GStrv) log = NULL, further = NULL;
  g_autoptr (Result) inspect = NULL;
  g_autoptr (JsonObject) report = NULL;
  JsonObject *parts;
  double before, after;

  train (f, "pyramid", OPTIONS ("--steps", steps, "--ema", "0.9", "--model-out", model));
  train (f, "vanilla", OPTIONS ("--steps", "3", "--model-out", model, "--stages", "1"));
  log = read_log (f, "pyramid");
  g_assert_cmpuint (g_strv_length (log), ==, LEARNING_STEPS);
  before = mean_loss (log, 0, 15);
  after = mean_loss (log, LEARNING_STEPS - 60, 60);
  g_test_message ("loss %g, later %g", before, after);
  g_assert_cmpfloat (after, <, MAX_LOSS_RATIO * before);

  train (f, "further", OPTIONS ("--steps", "15", "--init-from", model));
  further = read_log (f, "further");
  g_assert_cmpfloat (mean_loss (further, 0, 15), <, MAX_LOSS_RATIO * before);
  train_in_vain (f, "nowhere", FALSE, "nowhere",
                 OPTIONS ("--steps", "1", "--init-from", "nowhere"));

  for (const char *const *name =
           OPTIONS ("model/model_index.json", "model/vae/diffusion_pytorch_model.safetensors",
                    "model/transformer/diffusion_pytorch_model.safetensors",
                    "model/transformer_vanilla/diffusion_pytorch_model.safetensors",
                    "model/text_encoder/model.safetensors",
                    "model/text_encoder_vanilla/model.safetensors", "model/tokenizer/vocab.json");
       *name != NULL; name++)
    assert_exists (f, *name);
  inspect = run_tpdiff ("inspect", "--json", model, NULL);
  report = parse_output (inspect);
  parts = json_object_get_object_member (report, "components");
  g_assert_true (json_object_has_member (parts, "transformer"));
  g_assert_true (json_object_has_member (parts, "transformer_vanilla"));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (report, "problems")), ==,
                    0);
}

/* A training that a signal ends when its log has some lines. */
static int
interrupt (Fixture *f, const char *out, int number, char **err)
{
  g_autoptr (GSubprocess) process =
      start (f, out, FALSE, OPTIONS ("--steps", N_STEPS, "--checkpoint-minutes", "0.0001"));

  for (guint n = 0; n < INTERRUPT_AT;)
    {
      g_auto (GStrv) log = read_log (f, out);

      n = g_strv_length (log);
      g_usleep (1000);
    }
  g_subprocess_send_signal (process, number);
  *err = finish (process);
  return g_subprocess_get_status (process);
}

static void
test_killed (Fixture *f, gconstpointer unused)
{
  g_autofree char *err = NULL;
  int status;

  train (f, "straight", OPTIONS ("--steps", N_STEPS));
  status = interrupt (f, "killed", SIGKILL, &err);
  g_assert_true (WIFSIGNALED (status));
  train (f, "killed", OPTIONS ("--steps", N_STEPS));
  assert_same_log (f, "straight", "killed", N_LINES);
}

static void
test_interrupted (Fixture *f, gconstpointer unused)
{
  g_autofree char *err = NULL;
  int status;

  train (f, "straight", OPTIONS ("--steps", N_STEPS));
  status = interrupt (f, "stopped", SIGINT, &err);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, INTERRUPTED);
  g_assert_nonnull (strstr (err, "the same command goes on"));
  assert_exists (f, "stopped/checkpoint.safetensors");
  train (f, "stopped", OPTIONS ("--steps", N_STEPS));
  assert_same_log (f, "straight", "stopped", N_LINES);
}

/* A full disk costs the new checkpoint, not the old one. */
static void
test_disk_full (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) before = NULL, after = NULL;

  train (f, "straight", OPTIONS ("--steps", "40"));
  train (f, "full", OPTIONS ("--steps", "20"));
  before = read_bytes (f, "full/checkpoint.safetensors");
  g_assert_cmpuint (g_bytes_get_size (before), >, DISK_BYTES);
  train_in_vain (f, "full", TRUE, "checkpoint.safetensors", OPTIONS ("--steps", "40"));
  after = read_bytes (f, "full/checkpoint.safetensors");
  g_assert_true (g_bytes_equal (before, after));
  train (f, "full", OPTIONS ("--steps", "40"));
  assert_same_log (f, "straight", "full", 40);
}

static void
test_damaged_checkpoint (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) good = NULL;
  g_autofree guint8 *bytes = NULL;
  gsize length;

  train (f, "run", OPTIONS ("--steps", "3"));
  good = read_bytes (f, "run/checkpoint.safetensors");
  length = g_bytes_get_size (good);
  bytes = g_memdup2 (g_bytes_get_data (good, NULL), length);

  write_bytes (f, "run/checkpoint.safetensors", bytes, length / 2);
  train_in_vain (f, "run", FALSE, "checkpoint.safetensors", OPTIONS ("--steps", "6"));
  write_bytes (f, "run/checkpoint.safetensors", "", 0);
  train_in_vain (f, "run", FALSE, "checkpoint.safetensors", OPTIONS ("--steps", "6"));
  bytes[9] ^= 0x55; /* within the header */
  write_bytes (f, "run/checkpoint.safetensors", bytes, length);
  train_in_vain (f, "run", FALSE, "checkpoint.safetensors", OPTIONS ("--steps", "6"));

  bytes[9] ^= 0x55;
  write_bytes (f, "run/checkpoint.safetensors", bytes, length);
  train_in_vain (f, "run", FALSE, "--lr", OPTIONS ("--steps", "6", "--lr", "0.02"));
  train (f, "run", OPTIONS ("--steps", "6"));
}

/* Encoded clips are used again; a damaged file is made anew. */
static void
test_cache (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) cache = NULL, same = NULL, rebuilt = NULL;
  g_autofree guint8 *bytes = NULL;
  g_auto (GStrv) first = NULL, other = NULL;
  gsize length;

  train (f, "first", OPTIONS ("--steps", "20"));
  cache = read_bytes (f, "cache");
  length = g_bytes_get_size (cache);
  train (f, "second", OPTIONS ("--steps", "20"));
  same = read_bytes (f, "cache");
  assert_same_log (f, "first", "second", 20);
  g_assert_true (g_bytes_equal (cache, same));

  /* With other latents in it the losses are others: it was read. */
  bytes = g_memdup2 (g_bytes_get_data (cache, NULL), length);
  memset (bytes + length / 2, 0, length - length / 2);
  write_bytes (f, "cache", bytes, length);
  train (f, "third", OPTIONS ("--steps", "20"));
  first = read_log (f, "first");
  other = read_log (f, "third");
  g_assert_false (g_strv_equal ((const char *const *)first, (const char *const *)other));

  write_bytes (f, "cache", bytes, length / 2);
  train (f, "fourth", OPTIONS ("--steps", "20"));
  rebuilt = read_bytes (f, "cache");
  assert_same_log (f, "first", "fourth", 20);
  g_assert_true (g_bytes_equal (cache, rebuilt));
}

static void
test_autoencoder (Fixture *f, gconstpointer unused)
{
  g_autofree char *config = path_of (f, "components.json"), *out = path_of (f, "ae");
  g_autoptr (Result) result =
      run_tpdiff ("train", "vae", "--config", config, "--out", out, "--size", "16", "--frames", "8",
                  "--clips", "8", "--batch", "2", "--steps", "3", "--device", "cpu", NULL);

  g_test_message ("%s", result->err);
  g_assert_cmpint (result->status, ==, 0);
  assert_exists (f, "ae/vae/config.json");
  assert_exists (f, "ae/vae/diffusion_pytorch_model.safetensors");
}

static TpdSafetensors *
open_autoencoder (Fixture *f, const char *out)
{
  g_autofree char *path =
      g_build_filename (f->folder, out, "vae", "diffusion_pytorch_model.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  TpdSafetensors *file = tpd_safetensors_open (path, &error);

  g_assert_no_error (error);
  return file;
}

/* Learns to do without noise, and leaves the encoder, and so the latents, as they were. */
static void
test_decoder (Fixture *f, gconstpointer unused)
{
  g_autofree char *config = path_of (f, "components.json"), *whole = path_of (f, "whole");
  g_autofree char *out = path_of (f, "decoder");
  g_autoptr (Result) first =
      run_tpdiff ("train", "vae", "--config", config, "--out", whole, "--size", "16", "--frames",
                  "8", "--clips", "8", "--batch", "2", "--steps", "3", "--device", "cpu", NULL);
  g_autoptr (Result) second =
      run_tpdiff ("train", "vae", "--part", "decoder", "--latent-noise", "0.5", "--init-from",
                  whole, "--out", out, "--size", "16", "--frames", "8", "--clips", "8", "--batch",
                  "2", "--steps", "3", "--device", "cpu", NULL);
  g_autoptr (Result) from_nothing =
      run_tpdiff ("train", "vae", "--part", "decoder", "--out", out, "--steps", "3", NULL);
  g_autoptr (Result) noise =
      run_tpdiff ("train", "vae", "--latent-noise", "0.5", "--out", out, "--steps", "3", NULL);
  g_autoptr (TpdSafetensors) before = NULL, after = NULL;
  guint n_kept = 0, n_changed = 0;

  g_assert_cmpint (first->status, ==, 0);
  g_test_message ("%s", second->err);
  g_assert_cmpint (second->status, ==, 0);
  before = open_autoencoder (f, "whole");
  after = open_autoencoder (f, "decoder");
  for (const char *const *name = tpd_safetensors_get_names (before); *name != NULL; name++)
    {
      TpdHostTensor a, b;
      gsize size;

      g_assert_true (tpd_safetensors_lookup (before, *name, &a));
      g_assert_true (tpd_safetensors_lookup (after, *name, &b));
      size = tpd_dtype_size (a.dtype);
      for (int i = 0; i < a.n_dims; i++)
        size *= a.shape[i];
      if (g_str_has_prefix (*name, "encoder."))
        {
          g_assert_cmpmem (a.data, size, b.data, size);
          n_kept++;
        }
      else
        n_changed += memcmp (a.data, b.data, size) != 0;
    }
  g_assert_cmpuint (n_kept, >, 0);
  g_assert_cmpuint (n_changed, >, 0);

  g_assert_cmpint (from_nothing->status, !=, 0);
  g_assert_nonnull (strstr (from_nothing->err, "part decoder needs init-from"));
  g_assert_cmpint (noise->status, !=, 0);
  g_assert_nonnull (strstr (noise->err, "latent-noise 0.5 needs part decoder"));
}

/* It says what would be learned from, finds what is wrong, and trains nothing. */
static void
test_check (Fixture *f, gconstpointer unused)
{
  g_autoptr (GSubprocess) process =
      start (f, "checked", FALSE, OPTIONS ("--steps", "3", "--check"));
  g_auto (GStrv) log = NULL;
  g_autofree char *out = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  g_test_message ("%s", out);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  g_assert_nonnull (strstr (out, "shapes, 32 clips of 8 frames of 16 × 16"));
  g_assert_nonnull (strstr (out, "of the first 32 clips"));
  g_assert_nonnull (strstr (out, "vocabulary"));
  log = read_log (f, "checked");
  g_assert_cmpuint (g_strv_length (log), ==, 0);
  train_in_vain (f, "checked", FALSE, "nowhere",
                 OPTIONS ("--steps", "3", "--check", "--init-from", "nowhere"));
}

static void
test_help (void)
{
  g_autoptr (Result) help = run_tpdiff ("train", "--help", NULL);
  g_autoptr (Result) vae = run_tpdiff ("train", "vae", "--help", NULL);

  g_assert_nonnull (strstr (help->out, "(default 3)"));
  g_assert_nonnull (strstr (help->out, "(default cosine)"));
  g_assert_null (strstr (vae->out, "--stages"));
}

#define ADD(path, function)                                                                        \
  g_test_add ("/cli/train/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/train/help", test_help);
  ADD ("learns", test_learns);
  ADD ("killed", test_killed);
  ADD ("interrupted", test_interrupted);
  ADD ("disk-full", test_disk_full);
  ADD ("damaged-checkpoint", test_damaged_checkpoint);
  ADD ("cache", test_cache);
  ADD ("autoencoder", test_autoencoder);
  ADD ("decoder", test_decoder);
  ADD ("check", test_check);
  return g_test_run ();
}
