#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Golden files of the CLIP tokenizer: strings and the ids that transformers' CLIPTokenizerFast gives.

    make-clip-tokenizer.py FOLDER_WITH_THE_REAL_VOCABULARY

writes data/clip-tokenizer.json.gz (10,000 strings, the real vocabulary) and data/clip-tiny/ (a small vocabulary in
the same format, trained here, with its own golden.json.gz). Each golden file is a list of [text, ids]; ids are cut at
77 tokens, not padded. Made with transformers 5.23.0, tokenizers 0.23.3.
"""
import gzip
import json
import pathlib
import random
import sys
import unicodedata

from tokenizers.normalizers import NFC
from transformers import CLIPTokenizerFast

DATA = pathlib.Path(__file__).parent / "data"
MAX_LENGTH = 77


def is_common(c):
    """Whether all Unicode databases at work here know a character alike: Python's (14), GLib's (14 or later), and that of
    the reference's NFC (9), which does not put newer combining marks in order."""
    sequences = (c + "\u0334", "\u0301" + c)
    return unicodedata.category(c) not in ("Cn", "Cs", "Co") and (
        unicodedata.combining(c) == 0 or all(NFC().normalize_str(s) == unicodedata.normalize("NFC", s) for s in sequences))


ASSIGNED = [c for c in map(chr, range(1, 0x110000)) if is_common(c)]
LATIN = [c for c in ASSIGNED if ord(c) < 0x250]
MARKS = [c for c in ASSIGNED if unicodedata.category(c).startswith("M")]
SPACES = list(" \t\n\v\f\r\x1c\x1d\x85\xa0\u1680\u180e\u2000\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff")
CASED = [c for c in ASSIGNED if c.lower() != c or c.upper() != c]
UNSTABLE = [c for c in ASSIGNED if unicodedata.normalize("NFC", c) != c or unicodedata.normalize("NFD", c) != c]
NUMBERS = [c for c in ASSIGNED if unicodedata.category(c).startswith("N")]
EMOJI = ["👩‍👩‍👧", "🏳️‍🌈", "👍🏽", "❤️", "🇩🇪", "1️⃣", "🫠", "☃", "🚀🚀🚀"]
MARKERS = ["<|startoftext|>", "<|endoftext|>", "<|STARTOFTEXT|>", "<|EndOfText|>", "<|endoftext|", "<|<|endoftext|>|>"]
TAILS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "''s", "’s", "'", "'x", "!'s", "'sd"]
SIGNS = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + ["...", "!!!", "--", "?!", "<|", "|>", "</w>"]
TEXTS = """a photo of a cat running in the snow; a large red star bouncing on a dark blue gradient
cinematic drone shot of the golden gate bridge at dawn, 4k, highly detailed, trending on artstation
Ein großer Bär läuft über die Straße, während es schneit. Où êtes-vous allé, mon chéri? ¿Qué pasó?
Широкая электрификация южных губерний даст мощный толчок подъёму сельского хозяйства ΟΔΥΣΣΕΥΣ Ὀδυσσεύς
吾輩は猫である。名前はまだ無い。どこで生れたか頓と見當がつかぬ 视频生成模型 한국어 문장을 토큰으로 나눕니다 สวัสดีชาวโลก
नमस्ते दुनिया مرحبا بالعالم שָׁלוֹם עוֹלָם İstanbul DŽUNGLA ǅungla ﬁne ﬂow ½ Ⅷ ①②③ ٣٤٥ x² H₂O ᾳ ῼ ẞ""".split()


def words(rng, vocabulary):
    """Ordinary prompts: words with case and punctuation."""
    out = []
    for _ in range(rng.randint(1, 30) if rng.random() < 0.05 else rng.randint(1, 4)):
        word = rng.choice(vocabulary)
        word = rng.choice([word, word, word, word.upper(), word.title(), word.swapcase()])
        word += rng.choice(["", "", "", "", ",", ".", "-", rng.choice(TAILS), str(rng.randint(0, 9999))])
        out.append(word)
    return rng.choice([" ", " ", "  ", "", "-", rng.choice(SPACES)]).join(out)


def mixture(rng, alphabets, most):
    return "".join(rng.choice(rng.choice(alphabets)) for _ in range(rng.randint(1, most)))


def nasty(rng, vocabulary):
    kind = rng.randrange(10)
    if kind == 0:
        return mixture(rng, [ASSIGNED], 7)
    if kind == 1:
        return mixture(rng, [LATIN, SPACES, SIGNS], 12)
    if kind == 2:  # composition: a base, many marks, in any order
        return mixture(rng, [LATIN, MARKS, MARKS, UNSTABLE], 7)
    if kind == 3:
        return mixture(rng, [CASED, TAILS], 8)
    if kind == 4:
        return mixture(rng, [SIGNS, TAILS, vocabulary], 7)
    if kind == 5:
        return mixture(rng, [MARKERS, vocabulary, SIGNS, SPACES], 6)
    if kind == 6:
        return mixture(rng, [EMOJI, vocabulary, SPACES], 5)
    if kind == 7:
        return mixture(rng, [NUMBERS, list("0123456789"), LATIN], 10)
    if kind == 8:  # Hangul, whole and in parts
        return "".join(chr(rng.choice([rng.randint(0x1100, 0x11FF), rng.randint(0xAC00, 0xD7A3)])) for _ in range(4))
    return unicodedata.normalize(rng.choice(["NFD", "NFKD", "NFKC"]), words(rng, vocabulary))


def strings(rng, vocabulary, n):
    fixed = ["", " ", "\n", "'", "a", "A", "\x01", "\U0010ffff", "a" * 300, "ab" * 100, "!" * 200, "a " * 100, *MARKERS,
             *TAILS, *SIGNS, *EMOJI, *SPACES, " ".join(TEXTS)]
    fixed += [unicodedata.normalize(form, " ".join(TEXTS[i:i + 12])) for form in ("NFC", "NFD") for i in
              range(0, len(TEXTS), 12)]
    seen = dict.fromkeys(fixed)
    while len(seen) < n:
        seen[words(rng, vocabulary) if rng.random() < 0.5 else nasty(rng, vocabulary)] = None
    return list(seen)[:n]


def write(path, tokenizer, texts):
    golden = [[text, tokenizer(text, truncation=True, max_length=MAX_LENGTH).input_ids] for text in texts]
    data = "[" + ",\n".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in golden) + "]\n"
    path.write_bytes(gzip.compress(data.encode(), 9, mtime=0))
    print(path, len(golden), path.stat().st_size)


def make_tiny(folder):
    """A vocabulary of few words, with an unknown token of its own, a pad token that is not the end, and a start token
    that is looked for after normalisation."""
    sentences = ["a large red star bouncing on a dark blue gradient", "two small green circles moving left and up",
                 "rédaction straße 한국어"]
    # byte-level alphabet of the words, plain and final
    table = {}
    unprintable = 0
    for b in range(256):
        printable = 33 <= b <= 126 or 161 <= b <= 172 or b >= 174
        table[b] = chr(b if printable else 256 + unprintable)
        unprintable += not printable
    splits = {}
    for word in " ".join(sentences).split():
        symbols = [table[b] for b in word.encode()]
        symbols[-1] += "</w>"
        splits[word] = symbols
    alphabet = sorted({s for symbols in splits.values() for s in symbols})
    merges = []
    for _ in range(70):
        pairs = {}
        for symbols in splits.values():
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] = pairs.get(pair, 0) + 1
        if not pairs:
            break
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(best)
        for symbols in splits.values():
            i = 0
            while i + 1 < len(symbols):
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i:i + 2] = ["".join(best)]
                i += 1
    tokens = alphabet + ["".join(m) for m in merges] + ["<|unk|>", "<|pad|>", "<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}, ensure_ascii=False, indent=0))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(" ".join(m) + "\n" for m in merges))
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "CLIPTokenizer", "model_max_length": MAX_LENGTH, "eos_token": "<|endoftext|>",
         "bos_token": {"__type": "AddedToken", "content": "<|startoftext|>", "normalized": True, "lstrip": False,
                       "rstrip": False, "single_word": False}, "pad_token": "<|pad|>", "unk_token": "<|unk|>"},
        indent=2) + "\n")
    return CLIPTokenizerFast.from_pretrained(folder), sorted(splits) + ["star", "redstar", "zebra", "circlesz"]


def main():
    real = CLIPTokenizerFast.from_pretrained(sys.argv[1])
    vocabulary = sorted(t[:-4] for t in real.get_vocab() if t.endswith("</w>") and t[:-4].isalpha() and t.isascii())
    write(DATA / "clip-tokenizer.json.gz", real, strings(random.Random(1), vocabulary + TEXTS, 10000))
    tiny, vocabulary = make_tiny(DATA / "clip-tiny")
    write(DATA / "clip-tiny/golden.json.gz", tiny, strings(random.Random(2), vocabulary + TEXTS, 400))


if __name__ == "__main__":
    main()
