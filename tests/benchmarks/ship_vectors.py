"""Make the vectors that ship with the package: of anchors and labelled sentences, for the packaged encoders.

    python tests/benchmarks/ship_vectors.py

Every run compares passages with the same thousand sentences of ours. With their vectors at hand a first run saves the
time to encode them. To be run after any change of the sentences of tone or of the codebook: a sentence without a vector
is encoded as before, so that nothing is wrong without it, only slower.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from compare.cache import ArrayCache, digest
from compare.codebook import load_codebook
from compare.encoders import ENGLISH, MULTILINGUAL, SHIPPED, Encoder, find_model, shipped
from compare.tone import ToneScorer
from compare.tone_file import load_dimensions

LANGUAGES = {ENGLISH: ("en",), MULTILINGUAL: ("en", "zh")}


def sentences(languages: Sequence[str]) -> list[str]:
    """What a run in these languages compares passages with."""
    asked: list[str] = []

    def record(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        return np.random.default_rng(0).normal(size=(len(texts), 8)).astype(np.float32)

    for language in languages:
        ToneScorer(load_dimensions(None), record).anchor_scores(language)
        asked.extend(text for _, _, text in load_codebook().sentences([language]))
    return list(dict.fromkeys(asked))


def main() -> int:
    arrays = {}
    SHIPPED.unlink(missing_ok=True)
    shipped.cache_clear()
    for name, languages in LANGUAGES.items():
        model = find_model(name)
        texts = sentences(languages)
        keys = [np.frombuffer(digest("vector", model.checksum, text), np.uint8) for text in texts]
        arrays[f"{model.checksum}.keys"] = np.stack(keys)
        arrays[f"{model.checksum}.vectors"] = Encoder(model, ArrayCache(None)).encode(texts)
        print(f"{name}: {len(texts)} sentences")
    np.savez_compressed(SHIPPED, **arrays)
    print(f"{SHIPPED.name}: {SHIPPED.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
