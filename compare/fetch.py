"""Getting official texts into the local store.

pooch keeps the files and checks their sums; what comes over the network is bounded in size and time, over https
only, also after a redirect, and a web page must hold what the catalogue says that it holds before it is kept.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from compare.catalogue import LARGEST_FILE, Entry, Source, page_fault, printable
from compare.documents import read
from compare.errors import FetchError, PolicyCompareError
from compare.places import store_folder

REDIRECTS = 5


def fetch_entry(entry: Entry, seconds: float = 60.0, progress: Callable[[str], None] | None = None) -> Path:
    """Fetch a document's official text into the store, from the first source that answers soundly.

    Parameters
    ----------
    entry : Entry
        The catalogue's entry.
    seconds : float
        Time for all of its sources together.
    progress : callable, optional
        Called with a line on each source tried.

    Returns
    -------
    Path
        The file in the store. A sound file that is there already is kept, and nothing is fetched.

    Raises
    ------
    FetchError
        If the catalogue has no address, or no source gave the text; nothing is left half-written.
    """
    if not entry.fetchable:
        raise FetchError(
            f"{entry.name}: the catalogue has no address of its official text; "
            "put the issuer's file into a folder and name that folder in POLICY_COMPARE_CORPORA"
        )
    deadline = time.monotonic() + seconds
    reasons = []
    for source in entry.fetchable:
        host = urlsplit(source.url).hostname
        if progress is not None:
            progress(f"{entry.name}: asking {host}")
        try:
            return _fetch(entry, source, deadline)
        except FetchError as error:
            reasons.append(f"{host}: {error}")
    raise FetchError(f"{entry.name}: not fetched; " + "; ".join(dict.fromkeys(reasons)))


def _fetch(entry: Entry, source: Source, deadline: float) -> Path:
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    folder = store_folder() / entry.name
    kept = folder / source.filename
    if kept.is_file() and not source.sha256:
        return kept
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = pooch.retrieve(
            source.url,
            known_hash=f"sha256:{source.sha256}" if source.sha256 else None,
            fname=source.filename,
            path=folder,
            downloader=_Downloader(source, deadline),
        )
    except (requests.exceptions.RequestException, ValueError) as error:
        raise FetchError(_reason(error)) from None
    except OSError as error:
        raise FetchError(f"the store {store_folder()} cannot be written ({error.strerror})") from None
    return Path(path)


def _reason(error: Exception) -> str:
    """Why nothing came, in a few words."""
    import requests

    if isinstance(error, FetchError):
        return str(error)
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate cannot be verified"
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke before all had come"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "no connection"
    if isinstance(error, ValueError) and "hash" in str(error).lower():
        return "what came is not the published file (its checksum differs)"
    return _one_line(error)


class _Downloader:
    """Downloader for pooch: https only, redirects looked at one by one, bounded in bytes and in time."""

    def __init__(self, source: Source, deadline: float) -> None:
        self.source = source
        self.deadline = deadline

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise FetchError("no answer in time")
        return left

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        # Timeouts of a socket begin anew with each byte, and the look-up of a name has none: when time is up, the
        # work is left behind.
        ended: list[bytes | Exception] = []

        def work() -> None:
            try:
                ended.append(self._download(url))
            except Exception as error:
                ended.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(self._left())
        outcome = ended[0] if ended else FetchError("no answer in time")
        if isinstance(outcome, Exception):
            if self.deadline <= time.monotonic():
                raise FetchError("no answer in time") from None
            raise outcome
        if self.source.kind == "page":
            _check_page(outcome, self.source)
        # pooch gives a temporary file and moves it into place when this returns: nothing half-written is ever kept.
        Path(output_file).write_bytes(outcome)

    def _download(self, url: str) -> bytes:
        import requests

        data = bytearray()
        with requests.Session() as session:
            # A site that wants a browser's name is asked as what this is: a program that says who it is.
            session.headers["User-Agent"] = "policy-compare (policy research)"
            for _ in range(REDIRECTS + 1):
                if urlsplit(url).scheme != "https":
                    raise FetchError("it leads away from https")
                left = self._left()
                with session.get(url, stream=True, timeout=(left, left), allow_redirects=False) as answer:
                    if answer.is_redirect:
                        url = urljoin(url, answer.headers["Location"])
                        continue
                    if answer.status_code != 200:
                        raise FetchError(f"it answered {answer.status_code}")
                    for piece in answer.iter_content(65536):
                        data += piece
                        self._left()
                        if len(data) > LARGEST_FILE:
                            raise FetchError(f"more than {LARGEST_FILE // 2**20} MB came")
                break
            else:
                raise FetchError(f"more than {REDIRECTS} redirects")
        return bytes(data)


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
    entries: Sequence[Entry], seconds: float, progress: Callable[[str], None] | None = None
) -> dict[str, Path | FetchError]:
    """Fetch several official texts within a time for all of them; a failure does not stop the others.

    Parameters
    ----------
    entries : sequence of Entry
        What to fetch.
    seconds : float
        Time for all together.
    progress : callable, optional
        Called with a line on each source tried.

    Returns
    -------
    dict
        By name: the file in the store, or why there is none.
    """
    deadline = time.monotonic() + seconds
    made: dict[str, Path | FetchError] = {}
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
    import pooch
    import requests

    try:
        parts = urlsplit(url)
        key = hashlib.sha256(url.encode()).hexdigest()[:16]
    except ValueError as error:
        raise FetchError(f"{printable(url)}: not an address ({_one_line(error)}); check it") from None
    if parts.scheme != "https":
        raise FetchError(f"{printable(url)}: only https addresses are fetched; save the document and give the file")
    # Dots in front would hide the file, or name a folder.
    name = "".join(c if c.isalnum() or c in ".-_" else "-" for c in os.path.basename(parts.path)).lstrip(".")[:80]
    name = name or "page.html"
    source = Source(kind="address", url=url, filename=name)
    folder = store_folder() / "addresses" / key
    pooch.get_logger().setLevel("ERROR")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        downloader = _Downloader(source, time.monotonic() + seconds)
        return Path(pooch.retrieve(url, known_hash=None, fname=name, path=folder, downloader=downloader))
    except (requests.exceptions.RequestException, FetchError, ValueError) as error:
        raise FetchError(f"{printable(url)}: {_reason(error)}; save the document and give the file") from None
    except OSError as error:
        raise FetchError(f"the store {store_folder()} cannot be written ({error.strerror})") from None
