"""Sentence-transformers in a process of its own, so that its long import and its work go on beside all else.

This file is imported by a run and started by it as well (``python encoding.py``). The process hears on its standard
input a request at a time (its length, then JSON), and answers on its standard output in parts, as they are made. It
ends with its input, and so with the run, however that ends.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import hashlib
import io
import json
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from compare.beside import Beside

Part = tuple[NDArray[np.int64], NDArray[np.float32]]
# Length in tokens, and rows.
Batch = tuple[int, list[int]]
Encode = Callable[[Batch], Part]

# Tokens of a batch, enough to keep a processor at work, and of what number the length of its texts is a multiple.
TOKENS = 1024
_STEP = 8
# Tokens that a model takes where it does not say.
_LONGEST = 512
# Changes with whatever would make another export of the same weights.
_EXPORT = 1
_HEAD = struct.Struct("<QQ")
_LENGTH = struct.Struct("<Q")


class EncodingError(Exception):
    """A model that cannot be loaded or run, in a line."""


def batches(lengths: Sequence[int], longest: int, most: int = TOKENS) -> list[Batch]:
    """Rows in batches of one length each, to which each is filled up.

    That length hangs on the row alone, a multiple of eight, and nothing on what else is in the batch: so a text has the
    same vector bit for bit, whatever is encoded with it and by however many threads.

    Parameters
    ----------
    lengths : sequence of int
        Tokens of each row.
    longest : int
        Tokens that the model takes.
    most : int
        Tokens of a batch; a row that is longer is a batch of its own.

    Returns
    -------
    list of (int, list of int)
        Length and rows, the longest first, so that at the end no thread is left alone with much.

    Examples
    --------
    >>> batches([3, 9, 2, 8, 99], 60, 16)
    [(60, [4]), (16, [1]), (8, [0, 2]), (8, [3])]
    """
    of_length: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        of_length.setdefault(min(longest, max(1, -(-length // _STEP)) * _STEP), []).append(row)
    made = []
    for length, rows in sorted(of_length.items(), reverse=True):
        size = max(1, most // length)
        made += [(length, rows[start : start + size]) for start in range(0, len(rows), size)]
    return made


class Here(ABC):
    """What encodes in this process: texts that are asked for wait until the answers are wanted."""

    _texts: Sequence[str] = ()

    def ask(self, texts: Sequence[str]) -> None:
        """Take in texts to encode."""
        self._texts = list(texts)

    def answers(self) -> Iterator[Part]:
        """Rows of the texts asked for and their vectors, (n,) and (n, n_dimensions), a batch at a time."""
        texts, self._texts = self._texts, ()
        return self.encoded(texts)

    @abstractmethod
    def encoded(self, texts: Sequence[str]) -> Iterator[Part]:
        """Rows of texts and their vectors, as `answers` gives them.

        Parameters
        ----------
        texts : sequence of str
            The texts.
        """


class SentenceModel(Here):
    """A sentence-transformers model of a folder, in this process.

    Parameters
    ----------
    folder : Path
        Of the model; its weights must be safetensors.

    Raises
    ------
    EncodingError
        If it cannot be loaded.
    """

    def __init__(self, folder: Path) -> None:
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
        try:
            self.model: Any = SentenceTransformer(
                str(folder), device="cpu", trust_remote_code=False, model_kwargs={"use_safetensors": True}
            )
        except (OSError, ValueError, KeyError) as error:
            raise EncodingError(str(error).splitlines()[0] if str(error) else type(error).__name__) from None

    def encoded(self, texts: Sequence[str]) -> Iterator[Part]:
        """As `Here.encoded`."""
        import torch

        encode, parts = self._by_tokens(texts) if self._reads_tokens() else self._by_itself(texts)
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield from shared_out(encode, parts, threads)
        finally:
            torch.set_num_threads(threads)

    def _reads_tokens(self) -> bool:
        """Whether it is a transformer of texts as they are, which can be handed tokens."""
        from sentence_transformers.models import Transformer

        model = self.model
        return isinstance(model[0], Transformer) and not model.default_prompt_name and callable(model.tokenizer)

    def _by_tokens(self, texts: Sequence[str]) -> tuple[Encode, list[Batch]]:
        import torch

        model = self.model
        if getattr(model[0], "do_lower_case", False):
            texts = [text.lower() for text in texts]
        longest = int(model.max_seq_length or _LONGEST)
        # Texts are cut here, once: how a tokenizer cuts is set for all threads at a time.
        read = dict(model.tokenizer(list(texts), truncation=True, max_length=longest))

        def encode(batch: Batch) -> Part:
            length, rows = batch
            chosen = {name: [column[row] for row in rows] for name, column in read.items()}
            given = model.tokenizer.pad(chosen, padding="max_length", max_length=length, return_tensors="pt")
            with torch.inference_mode():
                made = model.forward(dict(given))["sentence_embedding"].numpy()
            return np.array(rows, np.int64), np.asarray(made, np.float32)

        return encode, batches([len(row) for row in read["input_ids"]], longest)

    def _by_itself(self, texts: Sequence[str]) -> tuple[Encode, list[Batch]]:
        """By the model's own `encode`; signs stand for tokens."""

        def encode(batch: Batch) -> Part:
            _, rows = batch
            chosen = [texts[row] for row in rows]
            made = self.model.encode(chosen, batch_size=len(rows), convert_to_numpy=True, show_progress_bar=False)
            return np.array(rows, np.int64), np.asarray(made, np.float32)

        return encode, batches([len(text) for text in texts], _LONGEST)


def shared_out(encode: Encode, parts: Sequence[Batch], threads: int) -> Iterator[Part]:
    """Batches dealt to threads, each batch the work of one: quicker than several at one batch, and the same bytes.

    Parameters
    ----------
    encode : callable
        Gives rows and vectors of a batch.
    parts : sequence of (int, list of int)
        Length and rows of each batch.
    threads : int
        How many may work.

    Yields
    ------
    rows : ndarray of int64, shape (n_rows,)
    vectors : ndarray of float32, shape (n_rows, n_dimensions)
    """
    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(encode, parts)
    finally:
        pool.shutdown(cancel_futures=True)


class OnnxModel(Here):
    """A sentence-transformers model in ONNX, run by ONNX Runtime without PyTorch.

    It is made from the weights of the model when it is first needed, by PyTorch in a process of its own, and kept; with
    weights of eight bits it is made from the one with whole weights.

    Parameters
    ----------
    folder : Path
        As for `SentenceModel`.
    name : str
        What tells it from other models.
    int8 : bool
        Whether its weights have eight bits.
    store : Path
        Folder where it is kept.

    Raises
    ------
    EncodingError
        If it cannot be made or loaded.
    """

    def __init__(self, folder: Path, name: str, int8: bool, store: Path) -> None:
        from tokenizers import Tokenizer

        path = export_file(store, name)
        try:
            self._session = _session(path)
        except Exception:  # not there, or broken: ONNX Runtime has errors of many kinds
            whole = None
            if int8:
                # Made of the export with whole weights, which has to be whole itself.
                whole = export_file(store, name.removesuffix("-int8"))
                OnnxModel(folder, name.removesuffix("-int8"), False, store)
            _export(folder, path, whole)
            try:
                self._session = _session(path)
            except Exception as error:
                raise EncodingError(f"{type(error).__name__}: {error}".splitlines()[0]) from None
        self._inputs = {item.name for item in self._session.get_inputs()}
        said = self._session.get_modelmeta().custom_metadata_map
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._longest = int(said["longest"])
        self._tokenizer.enable_truncation(self._longest)
        self._tokenizer.no_padding()
        self._padding = int(said["padding"])
        # Activations of eight bits are scaled by the largest of a batch: a text's vector must not depend on others.
        self._tokens = 1 if int8 else TOKENS // 4
        self._made: queue.SimpleQueue[Part | None] = queue.SimpleQueue()
        self._work: Beside[None] | None = None

    def ask(self, texts: Sequence[str]) -> None:
        """Begin to encode texts beside all else; returns at once."""
        from compare.beside import Beside

        made = self._made = queue.SimpleQueue()

        def work() -> None:
            try:
                for part in self.encoded(texts):
                    made.put(part)
            finally:
                made.put(None)

        self._work = Beside(work)

    def answers(self) -> Iterator[Part]:
        """As `Here.answers`."""
        work, self._work = self._work, None
        if work is None:
            return
        while (part := self._made.get()) is not None:
            yield part
        work.result()

    def encoded(self, texts: Sequence[str]) -> Iterator[Part]:
        """As `Here.encoded`."""
        ids = [found.ids for found in self._tokenizer.encode_batch(list(texts))]

        def encode(batch: Batch) -> Part:
            length, rows = batch
            # As many rows in each batch of a length: how ONNX Runtime sums hangs on their number.
            size = max(1, self._tokens // length)
            fed = np.full((size, length), self._padding, np.int64)
            mask = np.zeros((size, length), np.int64)
            mask[:, 0] = 1
            for place, row in enumerate(rows):
                fed[place, : len(ids[row])] = ids[row]
                mask[place, : len(ids[row])] = 1
            given = {"input_ids": fed, "attention_mask": mask}
            (made,) = self._session.run(None, {name: given[name] for name in self._inputs})
            return np.array(rows, np.int64), np.asarray(made[: len(rows)], np.float32)

        return shared_out(encode, batches([len(row) for row in ids], self._longest, self._tokens), usable_threads())


def export_file(store: Path, name: str) -> Path:
    """Where the export of a model lies.

    Parameters
    ----------
    store, name
        As for `OnnxModel`.
    """
    return store / f"{hashlib.sha256(f'{_EXPORT} {name}'.encode()).hexdigest()[:32]}.onnx"


def usable_threads() -> int:
    """Threads that may work: as many as the user allows, else as there are processors for this process."""
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    if allowed.isdecimal() and int(allowed) > 0:
        return int(allowed)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _export(folder: Path, path: Path, whole: Path | None) -> None:
    """Make the model in ONNX, of `whole` weights already in it where given, in a process of its own for its imports."""
    request = {
        "path": sys.path,
        "folder": str(folder),
        "export": str(path),
        "whole": None if whole is None else str(whole),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-P", "-W", "ignore", __file__, "export"],
            input=json.dumps(request).encode(),
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise EncodingError(f"it cannot be put into ONNX: {error}") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise EncodingError(f"it cannot be put into ONNX: {said[-1] if said else f'exit code {done.returncode}'}")


def _exported(folder: Path, path: Path) -> dict[str, str]:
    """Write the model in ONNX, all its modules, from tokens to the vector of the text; what is said of it."""
    import torch

    model = SentenceModel(folder).model
    tokenizer = model.tokenizer
    types = "token_type_ids" in tokenizer.model_input_names

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if types:
                features["token_type_ids"] = torch.zeros_like(input_ids)
            return self.model(features)["sentence_embedding"]

    names = ["input_ids", "attention_mask"]
    example = tokenizer(["A text.", "Another, longer text of two clauses."], padding=True, return_tensors="pt")
    axes = {name: {0: "texts", 1: "tokens"} for name in names} | {"vectors": {0: "texts"}}
    with torch.no_grad():
        torch.onnx.export(
            Whole().eval(),
            tuple(example[name] for name in names),
            str(path),
            input_names=names,
            output_names=["vectors"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    return {"longest": str(model.max_seq_length or _LONGEST), "padding": str(tokenizer.pad_token_id or 0)}


def _quantized(whole: Path, path: Path) -> dict[str, str]:
    """Write a model in ONNX with weights of eight bits; what is said of it."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(str(whole), str(path), weight_type=QuantType.QInt8, per_channel=True)
    said: dict[str, str] = _session(whole).get_modelmeta().custom_metadata_map
    return said


def _put_into_onnx(folder: Path, path: Path, whole: Path | None) -> None:
    """Make an export, whole or not at all."""
    import onnx

    beside = path.with_name(f"{path.name}.{os.getpid()}")
    said = _exported(folder, beside) if whole is None else _quantized(whole, beside)
    made = onnx.load(str(beside))
    del made.metadata_props[:]
    for key, value in said.items():
        entry = made.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(made, str(beside))
    beside.replace(path)


class EncodingProcess:
    """The same model in a process of its own.

    Parameters
    ----------
    folder : Path
        As for `SentenceModel`.

    Raises
    ------
    OSError
        If no process can be started.
    """

    def __init__(self, folder: Path) -> None:
        self._asked = 0
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._send({"path": sys.path, "folder": str(folder)})

    def ask(self, texts: Sequence[str]) -> None:
        """Send texts to encode; returns at once."""
        self._asked = len(texts)
        self._send({"texts": list(texts)})

    def answers(self) -> Iterator[Part]:
        """As `Here.answers`.

        Raises
        ------
        EncodingError
            If the model cannot be loaded or run, or the process ended.
        """
        while self._asked:
            rows, size = _HEAD.unpack(self._receive(_HEAD.size))
            if not rows:
                raise EncodingError(self._receive(size).decode())
            numbers = np.frombuffer(self._receive(8 * rows), np.int64)
            vectors = np.frombuffer(self._receive(4 * rows * size), np.float32).reshape(rows, size)
            self._asked -= len(numbers)
            yield numbers, vectors

    @property
    def idle(self) -> bool:
        """Whether it waits for texts."""
        return not self._asked and self._process.poll() is None

    def close(self) -> None:
        """End the process."""
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _send(self, request: dict[str, Any]) -> None:
        data = json.dumps(request).encode()
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(_LENGTH.pack(len(data)) + data)
            pipe.flush()
        except OSError:
            raise self._ended() from None

    def _receive(self, size: int) -> bytes:
        pipe = self._process.stdout
        assert pipe is not None
        data = pipe.read(size)
        if len(data) < size:
            raise self._ended()
        return data

    def _ended(self) -> EncodingError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        code = self._process.returncode
        how = f"signal {-code}; is there memory enough?" if code is not None and code < 0 else f"exit code {code}"
        return EncodingError(f"the process that encodes has ended ({how})")


_processes: dict[Path, EncodingProcess] = {}


def encoding_process(folder: Path) -> EncodingProcess:
    """The process of a model, which is started once and lives as long as this one.

    Parameters
    ----------
    folder : Path
        As for `SentenceModel`.

    Raises
    ------
    OSError
        If no process can be started.
    """
    there = _processes.get(folder)
    if there is None or not there.idle:
        # One that is at work still has lost its reader, by an interrupt perhaps.
        if there is not None:
            there.close()
        else:
            atexit.register(lambda: _processes[folder].close())
        there = _processes[folder] = EncodingProcess(folder)
    return there


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def hear() -> None:
        # From the first moment on, so that who asks need not wait until the model is loaded.
        while head := requests.read(_LENGTH.size):
            waiting.put(json.loads(requests.read(*_LENGTH.unpack(head))))
        os._exit(0)

    threading.Thread(target=hear, daemon=True).start()
    first = waiting.get()
    sys.path[:] = first["path"]
    try:
        # Libraries make many objects that stay: to look again and again for any to free takes a quarter of their time.
        gc.disable()
        model = SentenceModel(Path(first["folder"]))
        gc.freeze()
        gc.enable()
        while True:
            model.ask(waiting.get()["texts"])
            for rows, vectors in model.answers():
                answers.write(_HEAD.pack(*vectors.shape) + rows.tobytes() + vectors.tobytes())
                answers.flush()
    except Exception as error:  # whatever it is, the other side is told and does not wait for ever
        told = str(error) if isinstance(error, EncodingError) else f"{type(error).__name__}: {error}".splitlines()[0]
        answers.write(_HEAD.pack(0, len(told.encode())) + told.encode())
        answers.flush()


def _main() -> None:
    """Serve a run, or make an export."""
    if sys.argv[1:] == ["export"]:
        asked = json.loads(sys.stdin.buffer.read())
        sys.path[:] = asked["path"]
        whole = None if asked["whole"] is None else Path(asked["whole"])
        _put_into_onnx(Path(asked["folder"]), Path(asked["export"]), whole)
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries print must not come among the answers.
    own = os.dup(1)
    os.dup2(2, 1)
    _serve(sys.stdin.buffer, io.BufferedWriter(io.FileIO(own, "wb")))


if __name__ == "__main__":
    _main()
