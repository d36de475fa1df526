"""Make review texts: sentences of a tone, drawn and joined by numpy, many reviews at a time."""

import itertools
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sample_reviews.words import (
    CATEGORIES,
    EMOJI,
    FACTS,
    MONTHS,
    NUMBERS,
    RELATIVES,
    TEMPLATES,
    TONES,
)

Array = np.ndarray[Any, Any]

# Published lengths in words: median 26, 80 % up to 63. A log-normal has both with these two numbers.
MEDIAN_WORDS = 26
SIGMA_WORDS = float(np.log(63 / 26) / 0.8416)  # 0.8416: the normal's 80 % quantile
MOST_WORDS = 1500
# How far the tone of a review strays from its stars, and a sentence from its review. These two make
# the ceiling: a model that knew every word's tone could still not tell neighboring stars apart.
STRAY_REVIEW = 0.62
STRAY_SENTENCE = 0.55
FACTUAL = 0.3  # share of sentences that say nothing of the rating
PER_BANK = 1500  # different sentences per category, tone and length, at most
SHORT, MEDIUM, LONG = 4, 10, 1000  # longest sentence of each length class, in words


@dataclass(frozen=True)
class Bank:
    """All sentences of a category, grouped by tone (0 to 5) and length class (0 to 2)."""

    sentences: Array  # of str
    words: Array  # words of each sentence
    start: Array  # (6, 3): where a group starts
    size: Array  # (6, 3): how many sentences it has


@cache
def bank(category: str) -> Bank:
    """Render the sentences of a category; the same on every machine."""
    groups: list[list[list[str]]] = [[[], [], []] for _ in range(6)]
    for tone in range(6):
        for sentence in sorted(rendered(category, tone)):
            words = len(sentence.split())
            groups[tone][0 if words <= SHORT else 1 if words <= MEDIUM else 2].append(sentence)
    flat: list[str] = []
    start: Array = np.zeros((6, 3), np.int64)
    size: Array = np.zeros((6, 3), np.int64)
    for tone, length in itertools.product(range(6), range(3)):
        random = np.random.default_rng([zlib.crc32(category.encode()), tone, length])
        group = groups[tone][length]
        kept = [group[i] for i in random.permutation(len(group))[:PER_BANK]]
        start[tone, length] = len(flat)
        size[tone, length] = len(kept)
        flat += kept
    lengths = np.array([len(sentence.split()) for sentence in flat])
    return Bank(np.array(flat, dtype=object), lengths, start, size)


def rendered(category: str, tone: int) -> set[str]:
    """Return every sentence that the templates of a tone make."""
    slots = {
        "p": CATEGORIES[category]["products"],
        "a": CATEGORIES[category]["aspects"],
        "r": RELATIVES,
        "m": MONTHS,
        "n": NUMBERS,
    }
    if tone == 0:
        templates, ready = FACTS, set()
    else:
        slots |= {"w": TONES[tone]["adjectives"], "v": TONES[tone]["verdicts"]}
        templates, ready = TEMPLATES, set(TONES[tone]["short"])
    for template in templates:
        used = [name for name in slots if f"{{{name}}}" in template]
        for values in itertools.product(*(slots[name] for name in used)):
            text = template.format(**dict(zip(used, values, strict=True)))
            ready.add(text[0].upper() + text[1:])
    return ready


def bodies(
    random: np.random.Generator, category: str, stars: Array, longer: float, emoji: bool
) -> list[str]:
    """Return one text for each number of stars; `longer` multiplies the published lengths."""
    n = len(stars)
    words = np.exp(random.normal(np.log(MEDIAN_WORDS * longer), SIGMA_WORDS, n))
    words = words.clip(1, MOST_WORDS)
    tone = stars + random.normal(0, STRAY_REVIEW, n)
    source = bank(category)
    mean = float(source.words[source.words > SHORT].mean())
    count = np.where(words <= MEDIUM, 1, np.floor(words / mean + random.random(n)))
    count = np.maximum(count.astype(int), 1)  # sentences of each review
    owner = np.repeat(np.arange(n), count)  # the review of each sentence
    total = len(owner)
    single = count[owner] == 1
    medium = source.size[:, 1].sum() / source.size[:, 1:].sum()
    length = np.where(random.random(total) < medium, 1, 2)
    length[single & (words[owner] <= MEDIUM)] = 1
    length[single & (words[owner] <= SHORT)] = 0
    tones = np.rint(tone[owner] + random.normal(0, STRAY_SENTENCE, total)).clip(1, 5).astype(int)
    tones[(random.random(total) < FACTUAL) & ~single] = 0
    picked = source.start[tones, length] + (
        random.random(total) * source.size[tones, length]
    ).astype(int)
    sentences = source.sentences[picked].tolist()
    if emoji:
        marks = random.integers(0, 3, total)
        sentences = [
            f"{s} {EMOJI[t][m]}"
            for s, t, m in zip(sentences, tones.tolist(), marks.tolist(), strict=True)
        ]
    ends = np.cumsum(count).tolist()
    starts = [0, *ends[:-1]]
    return [" ".join(sentences[a:b]) for a, b in zip(starts, ends, strict=True)]
