"""The passages of all documents on one plane."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compare.cache import ArrayCache, digest
from compare.inference import generator
from compare.themes import load_libraries

Floats = NDArray[np.float64]

# Passages that are placed by the method itself; others go where their nearest ones are.
_MOST = 2000
_NEIGHBOURS = 10
_PERPLEXITY = 30


@dataclass(frozen=True, slots=True)
class Atlas:
    """Places of passages on a plane.

    Attributes
    ----------
    places : ndarray of float, shape (n_passages, 2)
        Between 0 and 1, to three digits.
    trustworthiness : float
        How far what is near on the plane is near in truth (Venna & Kaski 2001), between 0 and 1.
    """

    places: Floats
    trustworthiness: float


def draw_atlas(vectors: Floats, seed: int, store: ArrayCache) -> Atlas:
    """Place passages on a plane, near those that they are near to (t-SNE: van der Maaten & Hinton 2008).

    Parameters
    ----------
    vectors : ndarray of float, shape (n_passages, n_dimensions)
        Passages in an order of their own, so that the order of the input changes nothing.
    seed : int
        For the sample where there are many passages.
    store : ArrayCache
        Where the plane is kept from run to run.
    """
    rounded = vectors.round(5)
    version = importlib.metadata.version("scikit-learn")
    key = digest("atlas", f"{version} {seed} {_MOST} {_PERPLEXITY}", rounded.tobytes())
    size = 2 * len(vectors) + 1
    kept = store.get([key], "<f8", size).get(key)
    if kept is None:
        kept = _drawn(rounded, seed)
        store.put({key: kept}, "<f8")
    flat = np.asarray(kept, np.float64)
    return Atlas(flat[1:].reshape(-1, 2), float(flat[0]))


def _drawn(vectors: Floats, seed: int) -> Floats:
    load_libraries()
    from sklearn.manifold import TSNE, trustworthiness
    from sklearn.neighbors import NearestNeighbors
    from threadpoolctl import threadpool_limits

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1)
    chosen = np.arange(len(unit))
    if len(unit) > _MOST:
        chosen = np.sort(generator(seed, "atlas").choice(len(unit), _MOST, replace=False))
    own = unit[chosen]
    if np.ptp(own, axis=0).max() < 1e-6:
        # All passages in one place: there is no map, and t-SNE would fail.
        return np.concatenate([[1.0], np.full(2 * len(unit), 0.5)])
    # One thread: sums in another order would give another map.
    with threadpool_limits(1):
        perplexity = min(_PERPLEXITY, max(2, (len(own) - 1) // 3))
        placed = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(own)
        near = min(_NEIGHBOURS, (len(own) - 1) // 2)
        trust = trustworthiness(own, placed, n_neighbors=near) if near else 1.0
        places = np.empty((len(unit), 2))
        places[chosen] = placed
        rest = np.setdiff1d(np.arange(len(unit)), chosen)
        if len(rest):
            distances, found = NearestNeighbors(n_neighbors=3).fit(own).kneighbors(unit[rest])
            weights = 1 / np.maximum(distances, 1e-6)
            weights /= weights.sum(axis=1, keepdims=True)
            places[rest] = np.einsum("ij,ijk->ik", weights, placed[found])
    low, high = places.min(axis=0), places.max(axis=0)
    scaled = ((places - low) / np.where(high > low, high - low, 1)).round(3)
    return np.concatenate([[trust], scaled.ravel()])
