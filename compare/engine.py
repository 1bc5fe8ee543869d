"""Engines: what does the work of a comparison, this process or many on many machines. All give the same answers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from compare.cache import ArrayCache
from compare.catalogue import Request
from compare.documents import Document
from compare.encoders import Model, Source
from compare.errors import DocumentError, OptionError, PolicyCompareError
from compare.kept_documents import load_kept
from compare.shown import printable

Given = TypeVar("Given")
Made = TypeVar("Made")

ENGINES = ("local", "ray")


class Engine(Protocol):
    """What does the work.

    Attributes
    ----------
    name : str
        "local" or "ray".
    """

    name: str

    def read(self, requests: Sequence[Request], store: ArrayCache | None) -> Iterator[Document | PolicyCompareError]:
        """Read documents; of each in its turn the document, or why it cannot be read."""

    def source(self, model: Model) -> Source | None:
        """Where vectors of a model come from; None where the encoder itself loads it."""

    def run(self, call: Callable[[Given], Made], arguments: Iterable[Given], /) -> Iterable[Made]:
        """Call a function for each of several arguments; the answers in their order."""

    def flow(self, batches: Sequence[Any], maker: Callable[[], Callable[[Any], Any]]) -> Iterator[Any]:
        """Send batches through a step that is made once for each worker, and holds a model.

        Parameters
        ----------
        batches : sequence
            What the step is called with.
        maker : callable
            Without arguments; makes the step.

        Yields
        ------
        object
            What the step gave, in the order of the batches.
        """


class Local:
    """One process: the one that asks."""

    name = "local"

    def read(self, requests: Sequence[Request], store: ArrayCache | None) -> Iterator[Document | PolicyCompareError]:
        """As `Engine.read`; each is read when it is asked for."""
        return (read_one(request, store) for request in requests)

    def source(self, model: Model) -> Source | None:
        """None: the encoder loads the model."""
        return None

    def run(self, call: Callable[[Given], Made], arguments: Iterable[Given], /) -> Iterable[Made]:
        """As `Engine.run`, one after another."""
        return map(call, arguments)

    def flow(self, batches: Sequence[Any], maker: Callable[[], Callable[[Any], Any]]) -> Iterator[Any]:
        """As `Engine.flow`, one after another."""
        return map(maker(), batches)


def read_one(request: Request, store: ArrayCache | None = None) -> Document | PolicyCompareError:
    """Read a document; where it cannot be read, whatever goes wrong, the error and not the document.

    Parameters
    ----------
    request : Request
        As `compare.catalogue.resolve` gives it.
    store : ArrayCache, optional
        Where documents are kept.
    """
    try:
        return load_kept(request, store)
    except PolicyCompareError as error:
        return error
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError, RuntimeError, MemoryError) as error:
        # A reader that fails on one file of thousands must not end the others.
        shown = printable(str(request.path))
        return DocumentError(f"{shown}: its reader failed ({type(error).__name__}); save it in another format")


@contextlib.contextmanager
def open_engine(name: str, address: str | None = None) -> Iterator[Engine]:
    """An engine, for as long as it is needed.

    Parameters
    ----------
    name : str
        "local" or "ray".
    address : str, optional
        Of a Ray cluster that runs; without it one is started on this computer, and ended when it is no longer needed.

    Raises
    ------
    OptionError
        If there is no such engine, Ray is not installed, or no cluster answers there.
    """
    if name not in ENGINES:
        raise OptionError(f"--engine {printable(name)}: one of {', '.join(ENGINES)}")
    if address is not None and name != "ray":
        raise OptionError(f"--ray-address {printable(address)}: used with --engine ray")
    if name == "local":
        yield Local()
        return
    from compare.ray_engine import ray_engine

    with ray_engine(address) as engine:
        yield engine
