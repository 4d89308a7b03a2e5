/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-latent-cache.h"

#include <string.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "../ops/tpd-op.h"

#define KEY_LENGTH 64

/* Clips encoded at a time. */
#define CHUNK 8

typedef struct
{
  char key[KEY_LENGTH];
  gint64 clips, frames, channels, height, width, tokens;
} Header;

struct _TpdLatentCache
{
  GObject parent_instance;

  /* owned */
  TpdDataset *dataset;
  TpdAutoencoderKl *vae;
  TpdClipTokenizer *tokenizer;
  guint8 *map; /* the file */
  gsize n_bytes;

  /* borrowed: parts of the file */
  guint8 *present;
  gint32 *tokens;
  guint16 *latents;

  /* state */
  Header header;
};

G_DEFINE_FINAL_TYPE (TpdLatentCache, tpd_latent_cache, G_TYPE_OBJECT)

/* ── the file ── */

static gsize
n_latents (const Header *header)
{
  return header->frames * header->channels * header->height * header->width;
}

static gboolean
fail (const char *path, const char *what, GError **error)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: cannot %s: %s", path, what,
               g_strerror (code));
  return FALSE;
}

/* Maps the file; one that is not there, or of another key or size, is made anew, all zeros. */
static gboolean
map_file (TpdLatentCache *self, const char *path, GError **error)
{
  const Header *header = &self->header;
  const gsize present_at = sizeof *header;
  const gsize tokens_at = present_at + (header->clips + 7) / 8 * 8;
  const gsize latents_at = tokens_at + header->clips * (1 + header->tokens) * sizeof (gint32);
  const gsize n_bytes = latents_at + header->clips * n_latents (header) * sizeof (guint16);
  int file = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  Header found = {0};
  struct stat info;
  gboolean good;

  if (file < 0)
    return fail (path, "open", error);
  good = fstat (file, &info) == 0 && (gsize)info.st_size == n_bytes &&
         pread (file, &found, sizeof found, 0) == sizeof found &&
         memcmp (&found, header, sizeof found) == 0;
  /* Room is reserved now, so that a full disk is an error here and not a crash later. */
  if (!good && (ftruncate (file, 0) != 0 || (errno = posix_fallocate (file, 0, n_bytes)) != 0 ||
                pwrite (file, header, sizeof *header, 0) != sizeof *header))
    {
      fail (path, "make room for the encoded clips", error);
      close (file);
      return FALSE;
    }
  self->map = mmap (NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close (file);
  if (self->map == MAP_FAILED)
    {
      self->map = NULL;
      return fail (path, "map", error);
    }
  self->n_bytes = n_bytes;
  self->present = self->map + present_at;
  self->tokens = (gint32 *)(self->map + tokens_at);
  self->latents = (guint16 *)(self->map + latents_at);
  return TRUE;
}

TpdLatentCache *
tpd_latent_cache_open (const char *path, const char *identity, TpdDataset *dataset,
                       TpdAutoencoderKl *vae, TpdClipTokenizer *tokenizer, guint n_clips,
                       guint n_tokens, GError **error)
{
  g_autoptr (TpdLatentCache) self = g_object_new (TPD_TYPE_LATENT_CACHE, NULL);
  const TpdClipSize size = tpd_dataset_get_size (dataset);
  const guint factor = tpd_autoencoder_kl_get_factor (vae);
  g_autofree char *key = g_compute_checksum_for_string (G_CHECKSUM_SHA256, identity, -1);

  g_assert (n_clips > 0 && n_tokens > 0);
  if (size.height % factor != 0 || size.width % factor != 0)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "Clips of %u×%u cannot be encoded: the autoencoder needs multiples of %u",
                   size.width, size.height, factor);
      return NULL;
    }
  self->dataset = g_object_ref (dataset);
  self->vae = g_object_ref (vae);
  self->tokenizer = g_object_ref (tokenizer);
  self->header = (Header){
      .clips = n_clips,
      .frames = size.frames,
      .channels = tpd_autoencoder_kl_get_latent_channels (vae),
      .height = size.height / factor,
      .width = size.width / factor,
      .tokens = n_tokens,
  };
  memcpy (self->header.key, key, KEY_LENGTH);
  if (!map_file (self, path, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
tpd_latent_cache_get_shape (TpdLatentCache *self, gint64 shape[4])
{
  shape[0] = self->header.frames;
  shape[1] = self->header.channels;
  shape[2] = self->header.height;
  shape[3] = self->header.width;
}

/* ── encoding ── */

static void
keep_tokens (TpdLatentCache *self, guint index, const char *caption)
{
  const guint n = self->header.tokens;
  gint32 *row = self->tokens + (gsize)index * (1 + n);
  guint needed =
      tpd_clip_tokenizer_encode (self->tokenizer, caption != NULL ? caption : "", n, row + 1, NULL);

  row[0] = MIN (needed, n);
}

/* Encodes n ≤ CHUNK clips. Their flags are set last: whoever sees one may read the rest. */
static gboolean
encode_chunk (TpdLatentCache *self, TpdContext *ctx, const guint *indices, guint n, GError **error)
{
  const TpdClipSize size = tpd_dataset_get_size (self->dataset);
  const gint64 n_frames = (gint64)n * size.frames;
  const gsize clip_latents = n_latents (&self->header);
  g_autofree float *rgb = g_new (float, n_frames *size.height *size.width * 3);
  g_autofree guint16 *latents = g_new (guint16, n * clip_latents);
  char *captions[CHUNK] = {NULL};
  TpdTensor *images;
  gboolean done = tpd_dataset_read_clips (self->dataset, indices, n, rgb, captions, error);

  if (done)
    {
      tpd_context_push_scope (ctx);
      images = tpd_context_own (
          ctx, tpd_tensor_new_from_host (ctx, TPD_F32,
                                         TPD_SHAPE (n_frames, size.height, size.width, 3), rgb));
      done = tpd_tensor_to_host (
          ctx, tpd_cast (ctx, tpd_autoencoder_kl_encode_images (self->vae, ctx, images), TPD_F16),
          latents, error);
      tpd_context_pop_scope (ctx, NULL);
    }
  for (guint i = 0; i < n && done; i++)
    {
      memcpy (self->latents + indices[i] * clip_latents, latents + i * clip_latents,
              clip_latents * sizeof *latents);
      keep_tokens (self, indices[i], captions[i]);
      __atomic_store_n (&self->present[indices[i]], 1, __ATOMIC_RELEASE);
    }
  for (guint i = 0; i < n; i++)
    g_free (captions[i]);
  return done;
}

static gboolean
encode_missing (TpdLatentCache *self, TpdContext *ctx, const guint *indices, guint n,
                GError **error)
{
  guint missing[CHUNK];
  guint n_missing = 0;

  for (guint i = 0; i < n; i++)
    {
      if (!__atomic_load_n (&self->present[indices[i]], __ATOMIC_ACQUIRE))
        missing[n_missing++] = indices[i];
      if (n_missing == CHUNK || (i == n - 1 && n_missing > 0))
        {
          if (!encode_chunk (self, ctx, missing, n_missing, error))
            return FALSE;
          n_missing = 0;
        }
    }
  return TRUE;
}

TpdTensor *
tpd_latent_cache_read (TpdLatentCache *self, TpdContext *ctx, const guint *indices, guint n,
                       gint32 *tokens, gint32 *mask, GError **error)
{
  const Header *header = &self->header;
  const gsize clip_latents = n_latents (header);
  g_autofree guint16 *packed = g_new (guint16, n * clip_latents);

  g_assert (n > 0);
  if (!encode_missing (self, ctx, indices, n, error))
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      const gint32 *row = self->tokens + (gsize)indices[i] * (1 + header->tokens);

      memcpy (packed + i * clip_latents, self->latents + indices[i] * clip_latents,
              clip_latents * sizeof *packed);
      memcpy (tokens + i * header->tokens, row + 1, header->tokens * sizeof *tokens);
      for (gint64 j = 0; j < header->tokens; j++)
        mask[i * header->tokens + j] = j < row[0];
    }
  return tpd_cast (ctx,
                   tpd_context_own (ctx, tpd_tensor_new_from_host (
                                             ctx, TPD_F16,
                                             TPD_SHAPE (n, header->frames, header->channels,
                                                        header->height, header->width),
                                             packed)),
                   TPD_F32);
}

static void
tpd_latent_cache_finalize (GObject *object)
{
  TpdLatentCache *self = TPD_LATENT_CACHE (object);

  if (self->map != NULL)
    munmap (self->map, self->n_bytes);
  g_clear_object (&self->dataset);
  g_clear_object (&self->vae);
  g_clear_object (&self->tokenizer);
  G_OBJECT_CLASS (tpd_latent_cache_parent_class)->finalize (object);
}

static void
tpd_latent_cache_class_init (TpdLatentCacheClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_latent_cache_finalize;
}

static void
tpd_latent_cache_init (TpdLatentCache *self)
{
}
