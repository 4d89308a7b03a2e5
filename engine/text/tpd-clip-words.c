/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-clip-words.h"

#include <string.h>

typedef enum
{
  SPACE,  /* \s: the property White_Space */
  LETTER, /* \p{L} */
  NUMBER, /* \p{N} */
  SIGN,   /* all else */
} CharClass;

static CharClass
classify (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_UPPERCASE_LETTER:
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_OTHER_LETTER:
      return LETTER;
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_LETTER_NUMBER:
    case G_UNICODE_OTHER_NUMBER:
      return NUMBER;
    case G_UNICODE_SPACE_SEPARATOR:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return SPACE;
    default:
      return (c >= '\t' && c <= '\r') || c == 0x85 ? SPACE : SIGN;
    }
}

/* GLib changes the case of letters only; Unicode also gives Roman numerals and circled letters one.
 */
static gunichar
to_lower (gunichar c)
{
  if (c >= 0x2160 && c <= 0x216F)
    return c + 16;
  if (c >= 0x24B6 && c <= 0x24CF)
    return c + 26;
  return g_unichar_tolower (c);
}

char *
tpd_clip_normalize (const char *text, gssize n_bytes)
{
  g_autofree char *composed = g_utf8_normalize (text, n_bytes, G_NORMALIZE_NFC);
  GString *lower = g_string_new (NULL);

  g_assert (composed != NULL); /* NULL only for invalid UTF-8 */
  for (const char *p = composed; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      /* The one character whose lower case is two in every locale. */
      if (c == 0x130)
        g_string_append (lower, "i\xCC\x87");
      else
        g_string_append_unichar (lower, to_lower (c));
    }
  return g_string_free (lower, FALSE);
}

/* Bytes of the run of `class` at the start of text, at most `max_chars` characters long. */
static gsize
run_length (const char *text, const char *end, CharClass class, gsize max_chars)
{
  const char *p = text;

  for (; p < end && max_chars > 0 && classify (g_utf8_get_char (p)) == class; max_chars--)
    p = g_utf8_next_char (p);
  return p - text;
}

/* Which of `literals` text starts with, or NULL. */
static const char *
match_literal (const char *text, const char *end, const char *const *literals)
{
  for (; *literals != NULL; literals++)
    {
      gsize n = strlen (*literals);

      if ((gsize)(end - text) >= n && memcmp (text, *literals, n) == 0)
        return *literals;
    }
  return NULL;
}

void
tpd_clip_split_words (const char *text, gsize n_bytes, TpdClipWordFunc func, gpointer data)
{
  static const char *const markers[] = {"<|startoftext|>", "<|endoftext|>", NULL};
  static const char *const contractions[] = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d", NULL};
  const char *end = text + n_bytes;

  while (text < end)
    {
      CharClass class = classify (g_utf8_get_char (text));
      gsize n = run_length (text, end, class, class == NUMBER ? 1 : G_MAXSIZE);
      const char *literal;

      if ((literal = match_literal (text, end, markers)) != NULL)
        {
          n = strlen (literal);
          func (text, 2, data);
          func (text + 2, n - 4, data);
          func (text + n - 2, 2, data);
        }
      else if ((literal = match_literal (text, end, contractions)) != NULL)
        func (text, n = strlen (literal), data);
      else if (class != SPACE)
        func (text, n, data);
      text += n;
    }
}

gboolean
tpd_clip_is_lexical (const char *word)
{
  CharClass class = classify (g_utf8_get_char (word));

  return class == LETTER || class == NUMBER;
}
