"""The engine that works on Ray (Moritz et al. 2018): many processes, on this computer or on many.

What goes through a model goes through Ray Data, with an actor for each processor that holds the model; all else are
tasks. Every machine must have policy-compare installed and see the same files under the same paths.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import os
import pickle
import shutil
import socket
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from compare.cache import ArrayCache
from compare.catalogue import Request
from compare.documents import Document
from compare.encoders import Model, Source, load_here
from compare.encoding import EncodingError, Part
from compare.engine import read_one
from compare.errors import OptionError, PolicyCompareError
from compare.shown import printable

Given = TypeVar("Given")
Made = TypeVar("Made")

# Documents that are read, and texts that are encoded, together: what a worker that is killed has to do again.
_READ, _ENCODED = 16, 1024
# Tasks that wait or run at once, for each processor.
_AHEAD = 4
# A worker that dies is replaced, and its batch or task done again, so many times.
_RETRIES = 5
_HELD = 8
# For a cluster to answer.
_SECONDS = 10.0


@contextlib.contextmanager
def ray_engine(address: str | None = None) -> Iterator[RayEngine]:
    """Ray as an engine, for as long as it is needed.

    Parameters
    ----------
    address : str, optional
        Of a cluster that runs, as ``ray.init`` takes it. Without it the one that this process is connected to, else one
        is started on this computer and ended afterwards.

    Raises
    ------
    OptionError
        If Ray is not installed, or no cluster answers.
    """
    # Ray reports its use to its makers unless it is told not to; no command of ours talks to anybody unasked.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Nor does it speak on standard error of what it does, but where it fails.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray
        import ray.data
    except ImportError:
        raise OptionError('--engine ray: Ray is not installed; run: pip install "policy-compare[ray]"') from None
    logging.getLogger("ray").setLevel(logging.ERROR)
    begun = not ray.is_initialized()
    folder: dict[str, Any] = {}
    if begun:
        _check_address(address)
        names = ("POLICY_COMPARE_HOME", "POLICY_COMPARE_CORPORA", "POLICY_COMPARE_CACHE_MB", "HF_HUB_OFFLINE")
        environment = {name: os.environ[name] for name in names if name in os.environ}
        try:
            with _silent():
                if not address and tempfile.gettempdir() == "/tmp":
                    # What Ray writes goes to a folder that is removed with it; a longer path is too long for a socket.
                    folder["_temp_dir"] = tempfile.mkdtemp(prefix="pc-ray-")
                ray.init(
                    address=address or "local",
                    include_dashboard=None if address else False,
                    configure_logging=False,
                    log_to_driver=False,
                    runtime_env={"env_vars": environment},
                    **folder,
                )
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            reason = printable(str(error).splitlines()[0][:120]) if str(error) else type(error).__name__
            where = (
                f"--ray-address {printable(address)}: no cluster answers" if address else "--engine ray: cannot start"
            )
            raise OptionError(f"{where} ({reason}); see that it runs, or leave it out to start one here") from None
    try:
        yield RayEngine()
    finally:
        if begun:
            ray.shutdown()
            for name in folder.values():
                shutil.rmtree(name, ignore_errors=True)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Nothing on standard error, where Ray's own core tells how it was told to tell nothing."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _check_address(address: str | None) -> None:
    """Refuse at once an address at which nobody listens; Ray itself would try for minutes."""
    host, colon, port = (address or "").removeprefix("ray://").rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
        if address in (None, "auto", "local"):
            return
        raise OptionError(f"--ray-address {printable(address or '')}: give HOST:PORT, ray://HOST:PORT, or auto")
    try:
        socket.create_connection((host, int(port)), _SECONDS).close()
    except OSError as error:
        raise OptionError(
            f"--ray-address {printable(address or '')}: no cluster answers ({error.strerror or 'no answer'}); see that "
            "it runs, or leave the address out to start one here"
        ) from None


def _packed(work: Any) -> bytes:
    """A function with all that it needs, also one that was written at the prompt."""
    from ray import cloudpickle

    dumps: Callable[[Any], bytes] = cloudpickle.dumps
    return dumps(work)


class RayEngine:
    """Work as tasks and actors of the Ray cluster that this process is connected to."""

    name = "ray"

    def __init__(self) -> None:
        import ray
        from ray.data import DataContext

        logging.getLogger("ray").setLevel(logging.ERROR)
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        context.execution_options.preserve_order = True
        # A batch whose actor dies is done again by another one.
        context.max_errored_blocks = 0
        resources: Callable[[], dict[str, float]] = ray.cluster_resources
        self.processors = max(1, int(resources().get("CPU", 1)))

    def read(self, requests: Sequence[Request], store: ArrayCache | None) -> Iterator[Document | PolicyCompareError]:
        """As `compare.engine.Engine.read`; documents are read ahead, some at a time, and not kept."""
        parts = [requests[start : start + _READ] for start in range(0, len(requests), _READ)]
        for part in self.run(_read, parts):
            yield from part

    def source(self, model: Model) -> Source | None:
        """Actors that hold the model."""
        return _Actors(self, model)

    def run(self, call: Callable[[Given], Made], arguments: Iterable[Given], /) -> Iterable[Made]:
        """As `compare.engine.Engine.run`: each is a task, of which a few more than there are processors wait."""
        import ray

        # What all calls share goes to each worker once, with classes that the user wrote at the prompt.
        data = _packed(call)
        key, held = hashlib.sha256(data).digest(), [ray.put(data)]
        task = ray.remote(_called).options(max_retries=_RETRIES, num_cpus=1)
        waiting: deque[Any] = deque()
        for argument in arguments:
            waiting.append(task.remote(key, held, argument, os.getcwd()))
            if len(waiting) >= _AHEAD * self.processors:
                yield _got(waiting.popleft())
        while waiting:
            yield _got(waiting.popleft())

    def flow(self, batches: Sequence[Any], maker: Callable[[], Callable[[Any], Any]]) -> Iterator[Any]:
        """As `compare.engine.Engine.flow`: a pipeline of Ray Data, with an actor for each processor."""
        import ray.data

        if not batches:
            return
        # What makes the step, with all that it holds, goes to each actor once.
        packed = ray.put(_packed(maker))
        actors = ray.data.ActorPoolStrategy(size=min(self.processors, len(batches)))
        data: Any = ray.data.from_items(
            [{"data": pickle.dumps(batch)} for batch in batches], override_num_blocks=len(batches)
        )
        data = data.map(
            _Worker, fn_constructor_kwargs={"packed": [packed], "folder": os.getcwd()}, compute=actors, num_cpus=1
        )
        for row in data.iter_rows():
            yield _raised(pickle.loads(row["data"]))


class _Worker:
    """An actor: makes what it needs once, and then does batch after batch."""

    def __init__(self, packed: list[Any], folder: str) -> None:
        import ray

        _enter(folder)
        self._step = pickle.loads(ray.get(packed[0]))()

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        try:
            with threadpool_limits(1):
                made = self._step(pickle.loads(row["data"]))
        except (PolicyCompareError, EncodingError) as error:
            made = error
        return {"data": pickle.dumps(made)}


class _Actors:
    """A model in several actors, as a source of vectors."""

    def __init__(self, engine: RayEngine, model: Model) -> None:
        self._engine, self._model = engine, model
        self._texts: Sequence[str] = ()

    def ask(self, texts: Sequence[str]) -> None:
        self._texts = list(texts)

    def answers(self) -> Iterator[Part]:
        texts, self._texts = self._texts, ()
        # Texts of one length are filled up least when they are encoded together.
        order = sorted(range(len(texts)), key=lambda row: (-len(texts[row]), row))
        size = min(_ENCODED, max(32, -(-len(order) // (2 * self._engine.processors))))
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        given = [(batch, [texts[row] for row in batch]) for batch in batches]
        yield from self._engine.flow(given, functools.partial(_Encoding, self._model))


class _Encoding:
    """A model that is loaded, in an actor."""

    def __init__(self, model: Model) -> None:
        self._source = load_here(model)

    def __call__(self, given: tuple[list[int], list[str]]) -> Part:
        rows, texts = given
        self._source.ask(texts)
        parts = list(self._source.answers())
        made = np.concatenate([part for part, _ in parts])
        return np.array(rows, np.int64)[made], np.concatenate([vectors for _, vectors in parts])


def _read(requests: Sequence[Request]) -> list[Document | PolicyCompareError]:
    return [read_one(request) for request in requests]


# What calls share, the latest last: a worker does many tasks of one kind.
_held: dict[bytes, Callable[[Any], Any]] = {}


def _called(key: bytes, held: list[Any], argument: Any, folder: str) -> Any:
    """A task: the call, got once, of its argument; an error that a user can act on is handed back and not raised."""
    import ray

    _enter(folder)
    call = _held.pop(key, None) or pickle.loads(ray.get(held[0]))
    _held[key] = call
    while len(_held) > _HELD:
        _held.pop(next(iter(_held)))
    try:
        with threadpool_limits(1):
            return call(argument)
    except PolicyCompareError as error:
        return error


def _enter(folder: str) -> None:
    """Work in the folder in which the one who asks does: paths may be told from there."""
    with contextlib.suppress(OSError):
        os.chdir(folder)


def _got(reference: Any) -> Any:
    import ray

    return _raised(ray.get(reference))


def _raised(made: Any) -> Any:
    if isinstance(made, (PolicyCompareError, EncodingError)):
        raise made
    return made
