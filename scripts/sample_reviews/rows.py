"""Make the 15 columns of sample reviews, many rows at a time."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sample_reviews.text import bodies
from sample_reviews.words import CATEGORIES, STARS

Array = np.ndarray[Any, Any]

COLUMNS = [
    "marketplace",
    "customer_id",
    "review_id",
    "product_id",
    "product_parent",
    "product_title",
    "product_category",
    "star_rating",
    "helpful_votes",
    "total_votes",
    "vine",
    "verified_purchase",
    "review_headline",
    "review_body",
    "review_date",
]
# Counts of 1 to 5 stars among 150 962 278 published reviews.
PUBLISHED = np.array([12_099_639, 7_304_430, 12_133_927, 26_223_470, 93_200_812])
SHIFTED = np.array([0.30, 0.14, 0.12, 0.12, 0.32])  # of the drifted variant
GIFT_CARD = np.array([0.03, 0.01, 0.02, 0.09, 0.85])  # the best-rated, 4.7 stars on average
SHARES = {"Gift Card": 0.274, "Digital_Software": 0.363, "Digital_Video_Games": 0.363}
NEW_CATEGORY = "Mobile_Apps"
PRODUCTS = 400  # of a category
FIRST_DAY, LAST_DAY = np.datetime64("2012-01-01"), np.datetime64("2015-08-31")
LETTERS = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype="S1")
CHUNK = 25_000  # rows made at a time


@dataclass(frozen=True)
class Drift:
    """How a variant differs from the published reviews."""

    new_category: bool = False
    emoji: bool = False
    stars: bool = False
    length: bool = False


def categories(drift: Drift) -> dict[str, float]:
    """Return the share of each category."""
    if not drift.new_category:
        return SHARES
    return {name: 0.7 * share for name, share in SHARES.items()} | {NEW_CATEGORY: 0.3}


def star_shares(category: str, drift: Drift) -> Array:
    """Return the shares of 1 to 5 stars in a category; over all categories they are the published ones."""
    if drift.stars:
        return SHIFTED
    if category == "Gift Card":
        return GIFT_CARD
    published = PUBLISHED / PUBLISHED.sum()
    gift_cards = SHARES["Gift Card"]
    shares: Array = (published - gift_cards * GIFT_CARD) / (1 - gift_cards)
    return shares


def rows(seed: int, category: str, count: int, drift: Drift) -> Iterator[list[list[str]]]:
    """Yield `count` rows of a category, chunk by chunk, each row a list of 15 texts."""
    random = np.random.default_rng([seed, zlib.crc32(category.encode())])
    catalog = products(random, category)
    shares = star_shares(category, drift)
    for first in range(0, count, CHUNK):
        n = min(CHUNK, count - first)
        yield chunk(random, category, first, n, catalog, shares, drift)


def chunk(
    random: np.random.Generator,
    category: str,
    first: int,
    n: int,
    catalog: tuple[Array, Array, Array],
    shares: Array,
    drift: Drift,
) -> list[list[str]]:
    """Make the rows number `first` to `first + n` of a category."""
    stars = random.choice(5, n, p=shares) + 1
    texts = bodies(random, category, stars, 2.5 if drift.length else 1.0, drift.emoji)
    ids, parents, titles = catalog
    product = np.minimum(random.zipf(1.3, n) - 1, PRODUCTS - 1)
    # Few reviews are voted on, long and unhappy ones more; most votes say "helpful".
    weight = np.minimum(np.array([len(text) for text in texts]), 2000) / 400 * (6 - stars) / 2
    total = np.floor(random.pareto(1.6, n) * weight).clip(0, 20_000).astype(int)
    helpful = random.binomial(total, 0.8)
    age = np.floor((1 - np.sqrt(random.random(n))) * int((LAST_DAY - FIRST_DAY).astype(int)))
    columns = [
        ["US"] * n,
        random.integers(10_000_000, 53_000_000, n).astype(str).tolist(),
        review_ids(category, np.arange(first, first + n)).tolist(),
        ids[product].tolist(),
        parents[product].tolist(),
        titles[product].tolist(),
        [category] * n,
        stars.astype(str).tolist(),
        helpful.astype(str).tolist(),
        total.astype(str).tolist(),
        np.where(random.random(n) < 0.004, "Y", "N").tolist(),
        np.where(random.random(n) < 0.85, "Y", "N").tolist(),
        headlines(random, texts, stars),
        texts,
        (LAST_DAY - age.astype("timedelta64[D]")).astype(str).tolist(),
    ]
    return list(map(list, zip(*columns, strict=True)))


def headlines(random: np.random.Generator, texts: list[str], stars: Array) -> list[str]:
    """Return the default headline of the stars for a third of the reviews, the first words else."""
    default = random.random(len(texts)) < 1 / 3
    return [
        f"{STARS[star - 1]} Star{'s' * (star > 1)}" if usual else " ".join(text.split(" ", 6)[:6])
        for text, star, usual in zip(texts, stars.tolist(), default.tolist(), strict=True)
    ]


def products(random: np.random.Generator, category: str) -> tuple[Array, Array, Array]:
    """Return the ids, parents and titles of the products of a category."""
    source = CATEGORIES[category]
    ids = np.char.add("B0", letters(random.integers(0, 36**8, PRODUCTS), 8))
    parents = random.integers(100_000_000, 999_999_999, PRODUCTS)
    titles = [
        f"{source['titles'][i % len(source['titles'])]} {source['kinds'][i % len(source['kinds'])]}"
        for i in range(PRODUCTS)
    ]
    return ids, parents.astype(str), np.array(titles, dtype=object)


def review_ids(category: str, numbers: Array) -> Array:
    """Return ids that no other row of any category has: a number, scattered by a permutation."""
    place = list(CATEGORIES).index(category)
    scattered = (numbers.astype(np.uint64) * len(CATEGORIES) + place) * 2_862_933_555_777_941_757
    return np.char.add("R", letters(scattered % np.uint64(2**61), 12))


def letters(numbers: Array, width: int) -> Array:
    """Write numbers in base 36, padded with zeros to `width` characters."""
    digits = numbers.astype(np.uint64)[:, None] // np.uint64(36) ** np.arange(
        width - 1, -1, -1, dtype=np.uint64
    )
    written = LETTERS[(digits % np.uint64(36)).astype(int)]
    return np.char.decode(np.ascontiguousarray(written).view(f"S{width}").ravel())
