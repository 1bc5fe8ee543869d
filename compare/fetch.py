"""Getting official texts into the local store.

pooch keeps the files and checks their sums. What comes over the network is bounded in size and time, over https only,
also after a redirect, and a web page must hold what the catalogue says that it holds before it is kept. Bytes are
written as they come, into a file of their own, so that a fetch that was cut off or killed is gone on with by the next
one (range requests, RFC 9110, sections 13.1.5 and 14).
"""

from __future__ import annotations

import contextlib
import email.utils
import hashlib
import http.client
import json
import os
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from compare.catalogue import LARGEST_FILE, Entry, Source, page_fault
from compare.documents import read
from compare.documents.reading import MAX_HTML_BYTES
from compare.errors import FetchError, PolicyCompareError
from compare.places import store_folder
from compare.shown import printable

REDIRECTS = 5
Progress = Callable[[str, str, int, int | None], None]

_PIECE = 16384  # bytes; what is under way when a process is killed is lost
_ENCODED_PIECE = 2048  # bytes; a compressed piece may be a thousand times its size
_KEPT_SECONDS = 7 * 24 * 3600.0  # how long a part is gone on with
_LONGEST = 24 * 3600.0  # seconds; locks and queues take no infinite time
_TOO_LATE = "no answer in time"


@dataclass(frozen=True, slots=True)
class Fetched:
    """An official text in the store, and how it got there.

    Attributes
    ----------
    path : Path
        The file.
    size : int
        Its size in bytes.
    resumed_at : int or None
        How many bytes were there already when the rest was asked for, 0 if it was fetched whole; None if it was at
        hand and nothing was asked for.
    """

    path: Path
    size: int
    resumed_at: int | None


def fetch_entry(entry: Entry, seconds: float = 60.0, progress: Progress | None = None) -> Fetched:
    """Fetch a document's official text into the store, from the first source that answers soundly.

    Parameters
    ----------
    entry : Entry
        The catalogue's entry.
    seconds : float
        Time for all of its sources together.
    progress : callable, optional
        Called with the document's name, what is being done, and bytes so far and in all (None if unknown).

    Returns
    -------
    Fetched
        The file in the store. A sound file that is there already is kept, and nothing is fetched.

    Raises
    ------
    FetchError
        If the catalogue has no address, no source gave the text, or another process is fetching it and does not end
        in time. Nothing half-written is ever found under the file's name.
    """
    if not entry.fetchable:
        raise FetchError(
            f"{entry.name}: the catalogue has no address of its official text; "
            "put the issuer's file into a folder and name that folder in POLICY_COMPARE_CORPORA"
        )
    found = _at_hand(entry)
    if found is not None:
        return found
    deadline = time.monotonic() + min(seconds, _LONGEST)

    def say(step: str, done: int = 0, total: int | None = None) -> None:
        if progress is not None:
            progress(entry.name, step, done, total)

    try:
        with _locked(store_folder() / entry.name, deadline, say):
            # Whoever held the lock before may have fetched it.
            return _at_hand(entry) or _from_sources(entry, deadline, say)
    except FetchError as error:
        raise FetchError(f"{entry.name}: not fetched; {error}") from None


def _at_hand(entry: Entry) -> Fetched | None:
    import pooch

    for source in entry.fetchable:
        path = store_folder() / entry.name / source.filename
        with contextlib.suppress(OSError):
            if os.path.isfile(path) and (not source.sha256 or pooch.file_hash(str(path)) == source.sha256):
                return Fetched(path, path.stat().st_size, None)
    return None


def _from_sources(entry: Entry, deadline: float, say: Callable[..., None]) -> Fetched:
    folder = store_folder() / entry.name
    _sweep(folder, {name for source in entry.fetchable for name in _Part(folder, source).names})
    _sweep_others(folder)
    reasons = []
    for source in entry.fetchable:
        host = urlsplit(source.url).hostname
        say(f"asking {host}")
        try:
            found = _retrieve(folder, source, deadline, say)
        except FetchError as error:
            reasons.append(f"{host}: {error}")
            continue
        _sweep(folder, set())
        return found
    raise FetchError("; ".join(dict.fromkeys(reasons)))


def _retrieve(folder: Path, source: Source, deadline: float, say: Callable[..., None]) -> Fetched:
    """Fetch a source into a folder that is locked."""
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    download = _Download(folder, source, deadline, say)
    try:
        part = download.run()
        # pooch gives an empty file, and moves it into place once it has the sum of what was put there.
        path = pooch.retrieve(
            source.url,
            known_hash=f"sha256:{source.sha256}" if source.sha256 else None,
            fname=source.filename,
            path=folder,
            downloader=lambda _url, given, _pooch: os.replace(part, given),
        )
        return Fetched(Path(path), os.path.getsize(path), download.resumed_at)
    except (requests.exceptions.RequestException, ValueError) as error:
        raise FetchError(_reason(error)) from None
    except OSError as error:
        raise _unwritable(error) from None


# What is in the store besides the files


@contextlib.contextmanager
def _locked(folder: Path, deadline: float, say: Callable[..., None]) -> Iterator[None]:
    """Hold a folder of the store against other processes; the system lets go of it when this one is killed."""
    import filelock

    lock = filelock.FileLock(folder / ".lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            say("waiting for another fetch of it")
            lock.acquire(timeout=max(0.0, deadline - time.monotonic()))
    except filelock.Timeout:
        raise FetchError("another fetch of it did not end in time; wait for it, then try again") from None
    except OSError as error:
        raise _unwritable(error) from None
    except NotImplementedError:
        raise FetchError(f"the store {_shown_store()} is on a disk that cannot lock files; use another") from None
    try:
        yield
    finally:
        lock.release()


def _unwritable(error: OSError) -> FetchError:
    return FetchError(f"the store {_shown_store()} cannot be written ({error.strerror or type(error).__name__})")


def _shown_store() -> str:
    return printable(str(store_folder()))


# A part with what is known of it, and the empty file that pooch leaves when it is killed.
_LEFT_OVER = re.compile(r"\.[0-9a-f]{12}\.part(?:\.json)?|tmp[a-z0-9_]{8}")


def _sweep(folder: Path, wanted: set[str]) -> None:
    """Remove from a locked folder what earlier fetches left, but for parts that are wanted and not too old."""
    try:
        paths = [path for path in folder.iterdir() if _LEFT_OVER.fullmatch(path.name)]
    except OSError:
        return
    for path in paths:
        with contextlib.suppress(OSError):
            # An age below zero is a clock that was set back.
            if path.name not in wanted or not -3600 < time.time() - path.stat().st_mtime < _KEPT_SECONDS:
                path.unlink()


def _sweep_others(folder: Path) -> None:
    """Remove parts that are too old from the folders of other documents, where nobody is at work."""
    import filelock

    for part in (*store_folder().glob("*/.*.part"), *store_folder().glob("addresses/*/.*.part")):
        other = part.parent
        # What cannot be locked or read now is swept another time.
        with contextlib.suppress(OSError, NotImplementedError):
            if other == folder or time.time() - part.stat().st_mtime < _KEPT_SECONDS:
                continue
            with filelock.FileLock(other / ".lock", timeout=0):
                _sweep(other, {path.name for path in other.iterdir()})


@dataclass(frozen=True, slots=True)
class _Version:
    """What tells one version of a file from another: validators as the server gave them, and the size in all."""

    etag: str = ""
    modified: str = ""
    total: int | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str], total: int | None) -> _Version:
        """Take the strong validators of an answer; weak ones say nothing about single bytes."""
        etag = headers.get("ETag", "")
        if not re.fullmatch(r'"[\x21\x23-\x7e]{1,200}"', etag):
            etag = ""
        modified = headers.get("Last-Modified", "")
        try:
            changed = email.utils.parsedate_to_datetime(modified)
            # A file of the very second in which it was sent may change within that second (RFC 9110, 8.8.2.2).
            if (email.utils.parsedate_to_datetime(headers.get("Date", "")) - changed).total_seconds() < 1:
                modified = ""
        except (ValueError, TypeError, OverflowError):
            modified = ""
        return cls(etag, modified, total)

    @property
    def validator(self) -> str:
        return self.etag or self.modified

    def goes_on(self, headers: Mapping[str, str], start: int) -> bool:
        """Whether an answer with status 206 holds the rest of this version, from a byte on to its end."""
        given = re.fullmatch(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", headers.get("Content-Range", "").strip())
        if given is None or _coding(headers) != "identity":
            return False
        first, last, total = (int(number) for number in given.groups())
        if first != start or last != total - 1 or total <= start or self.total not in (None, total):
            return False
        if _length(headers) not in (None, total - start):
            return False
        return headers.get("ETag", self.etag) == self.etag if self.etag else True


def _coding(headers: Mapping[str, str]) -> str:
    return headers.get("Content-Encoding", "").strip().lower() or "identity"


def _length(headers: Mapping[str, str]) -> int | None:
    """Bytes that an answer says it has; None where it does not say, or its bytes come compressed."""
    if _coding(headers) != "identity" or "Transfer-Encoding" in headers:
        return None
    given = headers.get("Content-Length", "").strip()
    return int(given) if re.fullmatch(r"[0-9]{1,15}", given) else None


class _Part:
    """The bytes of a source that have come so far, and beside them the version that they are of."""

    def __init__(self, folder: Path, source: Source) -> None:
        # Another address, or another file expected at it, has another name.
        key = hashlib.sha256(f"{source.url}\n{source.sha256}".encode()).hexdigest()[:12]
        self.path = folder / f".{key}.part"
        self.about = folder / f".{key}.part.json"
        self.checked_by_sum = bool(source.sha256)

    @property
    def names(self) -> tuple[str, str]:
        return self.path.name, self.about.name

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def version(self) -> _Version | None:
        """The version that can be gone on with; None, and nothing left, where there is none."""
        try:
            given = json.loads(self.about.read_bytes())
            version = _Version(str(given["etag"]), str(given["modified"]), given["total"])
            total = version.total
            known = total is None or (isinstance(total, int) and self.size <= total)
            if known and self.size > 0 and (version.validator or self.checked_by_sum):
                return version
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self.discard()
        return None

    def begin(self, version: _Version) -> None:
        """Start anew; the version is written first, so that no bytes are ever taken for those of another."""
        self.discard()
        if version.validator or self.checked_by_sum:
            self.about.write_text(json.dumps(asdict(version)), encoding="utf-8")
        self.path.touch()

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self.about.unlink(missing_ok=True)


# What comes over the network


class _Answer:
    """What a server answers: status and headers, then the body piece by piece, all within the time.

    The timeouts of a socket begin anew with each byte, and the look-up of a name has none. So a thread of its own
    reads, and is left behind when time is up. It hands over what it has read and writes nothing.
    """

    _response: Any = None

    def __init__(self, url: str, headers: Mapping[str, str], deadline: float) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self._deadline = deadline
        self._read: queue.Queue[Any] = queue.Queue(maxsize=16)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(url, headers), daemon=True)

    def __enter__(self) -> _Answer:
        self._left()
        self._thread.start()
        try:
            self.status, self.headers = self._next()
        except BaseException:
            self._done.set()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        # Wakes the thread where it waits for bytes; older versions of urllib3 cannot, and it ends by itself.
        with contextlib.suppress(AttributeError, OSError, ValueError, RuntimeError):
            self._response.shutdown()

    def pieces(self) -> Iterator[bytes]:
        """Pieces of the body, decompressed."""
        while (piece := self._next()) is not None:
            yield piece

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise FetchError(_TOO_LATE)
        return left

    def _next(self) -> Any:
        try:
            found = self._read.get(timeout=self._left())
        except queue.Empty:
            raise FetchError(_TOO_LATE) from None
        if isinstance(found, Exception):
            # The socket's own timeout ends at the same moment.
            self._left()
            raise found
        return found

    def _hand_over(self, item: Any) -> None:
        while not self._done.is_set() and time.monotonic() < self._deadline:
            with contextlib.suppress(queue.Full):
                self._read.put(item, timeout=0.1)
                return
        raise FetchError(_TOO_LATE)

    def _work(self, url: str, headers: Mapping[str, str]) -> None:
        # A failure to hand over means that nobody is listening.
        with contextlib.suppress(FetchError):
            try:
                self._receive(url, headers)
                self._hand_over(None)
            except Exception as error:
                self._hand_over(error)

    def _receive(self, url: str, headers: Mapping[str, str]) -> None:
        import requests

        with requests.Session() as session:
            # A site that wants a browser's name is asked as what this is: a program that says who it is.
            session.headers.update({"User-Agent": "policy-compare (policy research)", "Accept-Encoding": "identity"})
            for _ in range(REDIRECTS + 1):
                if urlsplit(url).scheme != "https":
                    raise FetchError("it leads away from https")
                left = self._left()
                with session.get(
                    url, headers=headers, stream=True, timeout=(left, left), allow_redirects=False
                ) as answer:
                    if answer.is_redirect:
                        url = urljoin(url, answer.headers["Location"])
                        continue
                    coding = _coding(answer.headers)
                    if coding not in {"identity", "gzip", "x-gzip", "deflate"}:
                        raise FetchError(f"it came compressed in a way that is not read ({printable(coding[:40])})")
                    self._response = answer.raw
                    self._hand_over((answer.status_code, answer.headers))
                    for piece in answer.iter_content(_PIECE if coding == "identity" else _ENCODED_PIECE):
                        self._hand_over(piece)
                return
            raise FetchError(f"more than {REDIRECTS} redirects")


class _Download:
    """A source comes into its part: gone on with where that can be, bounded in bytes and in time, and checked."""

    def __init__(self, folder: Path, source: Source, deadline: float, say: Callable[..., None]) -> None:
        self.source = source
        self.deadline = deadline
        self.say = say
        self.host = urlsplit(source.url).hostname
        self.part = _Part(folder, source)
        self.limit = min(LARGEST_FILE, MAX_HTML_BYTES) if source.kind == "page" else LARGEST_FILE
        self.resumed_at = 0

    def run(self) -> Path:
        """Give the file that holds all, as it should be."""
        part = self.part
        self._complete()
        if self.resumed_at and not self._is_published():
            # Two versions may have been put together; what comes whole decides.
            part.discard()
            self._complete()
        if not self._is_published():
            part.discard()
            raise FetchError("what came is not the published file (its checksum differs)")
        if self.source.kind == "page":
            self.say("checking the page")
            try:
                _check_page(part.path.read_bytes(), self.source)
            except FetchError:
                part.discard()
                raise
        return part.path

    def _is_published(self) -> bool:
        if not self.source.sha256:
            return True
        with self.part.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == self.source.sha256

    def _complete(self) -> None:
        """Ask for what is missing of a part; where the server does not go on with it, for all of it."""
        part, url = self.part, self.source.url
        self.resumed_at = 0
        version = part.version()
        if version is not None:
            start = self.resumed_at = part.size
            if start == version.total:
                return
            headers = {"Range": f"bytes={start}-"}
            if version.validator:
                headers["If-Range"] = version.validator
            with _Answer(url, headers, self.deadline) as answer:
                if answer.status == 206 and version.goes_on(answer.headers, start):
                    total = int(answer.headers["Content-Range"].rpartition("/")[2])
                    if self._receive(answer, start, total):
                        return
                elif answer.status == 200:
                    self._begin(answer)
                    return
                elif answer.status not in {206, 416}:
                    raise FetchError(f"it answered {answer.status}")
            part.discard()
        with _Answer(url, {}, self.deadline) as answer:
            if answer.status != 200:
                raise FetchError(f"it answered {answer.status}")
            self._begin(answer)

    def _begin(self, answer: _Answer) -> None:
        part = self.part
        self.resumed_at = 0
        total = _length(answer.headers)
        if total is not None and total > self.limit:
            raise FetchError(f"it has {_megabytes(total)}, more than {_megabytes(self.limit)} are not taken")
        part.begin(_Version.of(answer.headers, total))
        if _coding(answer.headers) != "identity":
            # Ranges count compressed bytes, and those here are not.
            part.about.unlink(missing_ok=True)
        if not self._receive(answer, 0, total):
            part.discard()
            raise FetchError("more came than it said")

    def _receive(self, answer: _Answer, done: int, total: int | None) -> bool:
        """Write what comes behind what is there; False where more came than the answer said."""
        step = f"from {self.host}"
        self.say(step, done, total)
        with self.part.path.open("ab") as stream:
            for piece in answer.pieces():
                done += len(piece)
                if done > self.limit:
                    self.part.discard()
                    raise FetchError(f"more than {_megabytes(self.limit)} came")
                if total is not None and done > total:
                    return False
                stream.write(piece)
                # Out of this process at once: it may be killed.
                stream.flush()
                self.say(step, done, total)
            os.fsync(stream.fileno())
        if total is not None and done < total:
            raise FetchError("the connection broke before all had come")
        return True


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error with those that it came of, which requests and urllib3 hand on in several ways."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < 50:
        found = waiting.pop()
        if isinstance(found, BaseException) and id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting += [found.__cause__, found.__context__, getattr(found, "reason", None), *found.args]


def _reason(error: Exception) -> str:
    """Why nothing came, in a few words."""
    import requests

    if isinstance(error, FetchError):
        return str(error)
    causes = list(_causes(error))

    def came_of(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if isinstance(error, requests.exceptions.SSLError):
        if came_of(ssl.SSLCertVerificationError):
            return "its certificate cannot be verified"
        return "the encrypted connection failed"
    if isinstance(error, requests.exceptions.Timeout):
        return _TOO_LATE
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return "what came cannot be decompressed"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke before all had come"
    if isinstance(error, requests.exceptions.ConnectionError):
        if came_of(socket.gaierror):
            return "its name is not known to the network"
        if came_of(http.client.HTTPException) and not came_of(http.client.RemoteDisconnected):
            return "its answer is not as HTTP wants it"
        return "no connection"
    return _one_line(error)


def _check_page(data: bytes, source: Source) -> None:
    """Refuse a page that is not the text: a front page, a notice, an error with status 200."""
    try:
        text = read(data, source.filename, source.media)
    except PolicyCompareError as error:
        raise FetchError(f"what came cannot be read ({error})") from None
    fault = page_fault(text, source)
    if fault is not None:
        raise FetchError(f"what came is not the text: {fault}")


def _one_line(error: Exception) -> str:
    text = str(error).strip()
    return printable(text.splitlines()[0]) if text else type(error).__name__


def fetch_all(
    entries: Sequence[Entry], seconds: float, progress: Progress | None = None
) -> dict[str, Fetched | FetchError]:
    """Fetch several official texts within a time for all of them; a failure does not stop the others.

    Parameters
    ----------
    entries : sequence of Entry
        What to fetch.
    seconds : float
        Time for all together.
    progress : callable, optional
        As for `fetch_entry`.

    Returns
    -------
    dict
        By name: the file in the store, or why there is none.
    """
    deadline = time.monotonic() + seconds
    made: dict[str, Fetched | FetchError] = {}
    for entry in entries:
        try:
            made[entry.name] = fetch_entry(entry, max(0.0, deadline - time.monotonic()), progress)
        except FetchError as error:
            made[entry.name] = error
    return made


def fetch_address(url: str, seconds: float = 60.0) -> Path:
    """Fetch a document that a user names by its https address, into a folder of the store named by that address.

    Raises
    ------
    FetchError
        If it does not come.
    """
    try:
        parts = urlsplit(url)
        key = hashlib.sha256(url.encode()).hexdigest()[:16]
    except ValueError as error:
        raise FetchError(f"{printable(url)}: not an address ({_one_line(error)}); check it") from None
    if parts.scheme != "https":
        raise FetchError(f"{printable(url)}: only https addresses are fetched; save the document and give the file")
    # Dots in front would hide the file, or name a folder; names are cut at their front, for the suffix tells the kind.
    name = "".join(c if c.isalnum() or c in ".-_" else "-" for c in os.path.basename(parts.path))[-60:].lstrip(".")
    name = name or "page.html"
    source = Source(kind="address", url=url, filename=name)
    folder = store_folder() / "addresses" / key
    if os.path.isfile(folder / name):
        return folder / name
    deadline = time.monotonic() + min(seconds, _LONGEST)

    def say(*_: object) -> None:
        """Nobody watches."""

    try:
        with _locked(folder, deadline, say):
            _sweep(folder, set(_Part(folder, source).names))
            _sweep_others(folder)
            return _retrieve(folder, source, deadline, say).path
    except FetchError as error:
        raise FetchError(f"{printable(url)}: {error}; save the document and give the file") from None
