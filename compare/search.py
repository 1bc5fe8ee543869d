"""The passages of documents that are nearest in meaning to a text, across languages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from compare.encoders import Encoder

Floats = NDArray[np.float64]


def nearest_passages(
    text: str, passages: Sequence[str], groups: NDArray[np.intp], encoder: Encoder
) -> tuple[Floats, Floats]:
    """How near each passage is to a text.

    Between languages all similarities are lower than within one, so a similarity is also given as it stands out among
    the passages of its own group.

    Parameters
    ----------
    text : str
        What is looked for.
    passages : sequence of str
        Where.
    groups : ndarray of int, shape (n_passages,)
        Number of each passage's language, within which similarities compare.
    encoder : Encoder
        Of the passages' vectors.

    Returns
    -------
    similarity, standing : ndarray of float, shape (n_passages,)
        Cosine of the vectors, and the same in standard deviations above the mean of its group.
    """
    vectors = np.asarray(encoder.encode(list(passages)), np.float64)
    similarity = vectors @ np.asarray(encoder.encode([text]), np.float64)[0]
    standing = np.zeros(len(similarity))
    for group in np.unique(groups):
        own = similarity[groups == group]
        spread = own.std()
        standing[groups == group] = (own - own.mean()) / spread if spread > 0 else 0.0
    return similarity, standing
