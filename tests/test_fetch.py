"""Official texts come over https, whole, in time and as the catalogue says, or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import email.utils
import gzip
import hashlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import trustme
from conftest import FIXTURES

from compare import fetch
from compare.catalogue import Entry, Source, catalogue, load, resolve
from compare.checking import check
from compare.comparison import Comparison
from compare.documents import read
from compare.documents.reading import MAX_HTML_BYTES
from compare.errors import FetchError, PolicyCompareError
from compare.fetch import Fetched, fetch_address, fetch_all, fetch_entry

SENTENCES = " ".join(f"Harbour office number {i} answers every letter within ten working days." for i in range(40))
PAGE = (
    "<!DOCTYPE html><html lang='en'><head><title>Plan for the Harbours</title></head><body><article>"
    f"<h1>Plan for the Harbours</h1><h2>Letters</h2><p>{SENTENCES}</p></article></body></html>"
).encode()
FRONT = (
    "<!DOCTYPE html><html lang='en'><head><title>Ministry of Fisheries</title></head><body><article>"
    f"<h1>News</h1><p>{' '.join('The minister opened a new pier today.' for _ in range(60))}</p>"
    "</article></body></html>"
).encode()
FILE = b"# A plan\n\n" + SENTENCES.encode()
LARGE = "".join(f"Quay {i} is swept before the first boat is unloaded.\n" for i in range(20_000)).encode()
CHANGED = LARGE.replace(b"swept", b"salted")
LARGE_PAGE = PAGE.replace(b"</article>", b"<p>" + LARGE[:200_000] + b"</p></article>")


def state_council_page(parts: int = 4) -> bytes:
    """A page as a state council prints one: parts, sections in brackets that count on, and points within them."""
    text, section = [], 0
    for part, title in list(zip("一二三四", ("总体要求", "重点任务", "保障措施", "组织落实"), strict=True))[:parts]:
        text.append(f"<p><b>{part}、{title}</b></p>")
        for _ in range(3):
            section += 1
            mark = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")[section - 1]
            text.append(f"<p>（{mark}）港口事务。各码头每天清扫一次，并且公布结果。</p>")
            text += [f"<p>{i}.渔船靠岸以后，由港口办公室登记，登记的内容向渔民公开。</p>" for i in (1, 2)]
    return (
        "<!DOCTYPE html><html lang='zh'><head><meta charset='utf-8'><title>关于改进港口工作的意见_某国政府网</title>"
        "</head><body><article><h1>关于改进“港口”<br>工作的意见</h1>" + "".join(text) + "</article></body></html>"
    ).encode()


def ministry_page(numbers: list[str], title: str = "Appeal for Clean Harbours") -> bytes:
    """A page as a ministry prints one: a title, a preamble, and numbered points."""
    points = "".join(
        f"<p><strong>{number} Harbours of kind {chr(65 + at)}</strong></p><p>We call on every harbour of this kind to "
        "sweep its quays daily, and on every boat to bring its waste ashore. We support all who help in it.</p>"
        for at, number in enumerate(numbers)
    )
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{title}_Ministry of Harbours</title></head><body><article>"
        f"<h1>{title}</h1><p>Harbours are where most trade begins, and clean ones serve all. This appeal says "
        f"what can be done about them together.</p>{points}</article></body></html>"
    ).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers by path; `behaviour` says how requests for the rest of a file are answered."""

    protocol_version = "HTTP/1.1"
    stop = threading.Event()
    go_on = threading.Event()
    half_sent = threading.Event()
    finished = threading.Event()
    asked: ClassVar[list[str]] = []
    headers_of: ClassVar[list[dict[str, str]]] = []
    sent: ClassVar[int] = 0
    behaviour: ClassVar[str] = ""

    @classmethod
    def reset(cls) -> None:
        cls.asked.clear()
        cls.headers_of.clear()
        for event in (cls.go_on, cls.half_sent, cls.finished):
            event.clear()
        cls.sent, cls.behaviour = 0, ""

    @classmethod
    def ranges(cls) -> list[str | None]:
        return [headers.get("range") for headers in cls.headers_of]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.headers_of.append({name.lower(): value for name, value in self.headers.items()})
        name = self.path.strip("/").replace("-", "_").split(".")[0]
        getattr(self, f"_{name}", self._nothing)()

    def log_message(self, *_: object) -> None:
        pass

    def send(self, body: bytes, status: int = 200, length: int | None = None, **headers: str) -> None:
        self.head(len(body) if length is None else length, status, **headers)
        self.wfile.write(body)

    def head(self, length: int | None, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def write(self, body: bytes) -> None:
        self.wfile.write(body)
        Handler.sent += len(body)

    # A large file: the first answer stops in the middle, and waits or breaks off.

    def large(self, body: bytes, **headers: str) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        known = self.headers.get("If-Range") in {None, *headers.values()}
        if asked and self.behaviour == "refuses":
            self.send(b"", 416, Content_Range=f"bytes */{len(body)}")
            return
        if asked and self.behaviour == "fails":
            self.send(b"", 503)
            return
        if not asked or self.behaviour == "ignores" or not (known or self.behaviour == "does not compare"):
            self.head(len(body), **headers)
            start = 0
        else:
            first, last, total = start, len(body) - 1, len(body)
            if self.behaviour == "lies about the start":
                first = start = start - 1000
            elif self.behaviour == "lies about the end":
                last = last - 1000
            elif self.behaviour == "lies about the total":
                last, total = last + 1000, total + 1000
            given = {"Content_Range": f"bytes {first}-{last}/{total}"}
            if self.behaviour == "says no range":
                given = {}
            elif self.behaviour == "says nonsense":
                given = {"Content_Range": "bytes all/of-it"}
            # Without a length nothing but the range can give the lie away.
            self.head(None, 206, Connection="close", **given, **headers)
            self.close_connection = True
            if self.behaviour == "stops again":
                body = body[: start + 100_000]
        if len(self.asked) == 1:
            middle = len(body) // 2
            self.write(body[:middle])
            self.wfile.flush()
            self.half_sent.set()
            if self.path.startswith("/held"):
                self.go_on.wait(60)
                with contextlib.suppress(OSError):
                    self.write(body[middle:])
            self.finished.set()
            self.close_connection = True
            return
        self.write(body[start:])

    def _held(self) -> None:
        self.large(CHANGED if self.behaviour == "changed" else LARGE, ETag=f'"{self.version()}"')

    def _halved(self) -> None:
        self.large(CHANGED if self.version() == "second" else LARGE, ETag=f'"{self.version()}"')

    def _halved_by_date(self) -> None:
        day = 2 if self.version() == "second" else 1
        body = CHANGED if day == 2 else LARGE
        self.large(body, Last_Modified=email.utils.format_datetime(datetime(2025, 1, day, tzinfo=UTC), True))

    def _halved_unnamed(self) -> None:
        self.large(LARGE)

    def _halved_weak(self) -> None:
        self.large(LARGE_PAGE, ETag='W/"first"')

    def _halved_page(self) -> None:
        body = LARGE_PAGE.replace(b"swept", b"wiped") if self.version() == "second" else LARGE_PAGE
        self.large(body, ETag=f'"{self.version()}"')

    def version(self) -> str:
        return "second" if self.behaviour in {"changed", "does not compare"} and len(self.asked) > 1 else "first"

    def _foreign_ministry_page(self) -> None:
        self.send((FIXTURES / "foreign-ministry-page.html").read_bytes())

    def _state_council_page(self) -> None:
        self.send((FIXTURES / "state-council-page.html").read_bytes())

    def _article(self) -> None:
        said = "In its plan Northland says that “Whoever owns the processors owns the future.” So it was told."
        rest = "Nothing else of note was said in the harbour on that day, and the boats went out as they always do."
        page = f"<html lang='en'><body><article><h1>A day</h1><p>{said}</p><p>{rest}</p></article></body></html>"
        self.send(page.encode(), Content_Type="text/html; charset=utf-8")

    def _council(self) -> None:
        self.send(state_council_page())

    def _council_cut(self) -> None:
        self.send(state_council_page(3))

    def _ministry(self) -> None:
        self.send(ministry_page([f"{i}." for i in range(1, 14)]))

    def _ministry_roman(self) -> None:
        numerals = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII")
        self.send(ministry_page([f"{numeral}." for numeral in numerals]))

    def _ministry_gap(self) -> None:
        self.send(ministry_page([f"{i}." for i in range(1, 14) if i not in {5, 9}]))

    def _ministry_more(self) -> None:
        self.send(ministry_page([f"{i}." for i in range(1, 16)]))

    def _ministry_order(self) -> None:
        self.send(ministry_page([f"{i}." for i in (1, 3, 2, *range(4, 14))]))

    def _ministry_unnumbered(self) -> None:
        self.send(ministry_page(["On"] * 13))

    def _ministry_title(self) -> None:
        self.send(ministry_page([f"{i}." for i in range(1, 14)], "Notice on Clean Harbours"))

    # Answers that try what is allowed

    def _chunked(self) -> None:
        self.head(None, Transfer_Encoding="chunked")
        for at in range(0, len(FILE), 1000):
            piece = FILE[at : at + 1000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _endless(self) -> None:
        self.head(None, Connection="close")
        with contextlib.suppress(OSError):
            while not self.stop.is_set():
                self.write(bytes(65536))
        self.close_connection = True

    def _compressed(self) -> None:
        self.send(gzip.compress(PAGE), Content_Encoding="gzip")

    def _bomb(self) -> None:
        self.send(gzip.compress(bytes(60_000_000)), Content_Encoding="gzip")

    def _bomb_in_bomb(self) -> None:
        self.send(gzip.compress(gzip.compress(bytes(60_000_000))), Content_Encoding="gzip, gzip")

    def _spoilt(self) -> None:
        self.send(b"no gzip at all", Content_Encoding="gzip")

    def _long_header(self) -> None:
        with contextlib.suppress(OSError):
            self.send(FILE, X_Long="x" * 1_000_000)
        self.close_connection = True

    def _many_headers(self) -> None:
        with contextlib.suppress(OSError):
            self.send(FILE, **{f"X_{i}": "x" * 500 for i in range(2000)})
        self.close_connection = True

    def _to_ftp(self) -> None:
        self.send(b"", 302, Location="ftp://127.0.0.1/plan.md")

    def _to_data(self) -> None:
        self.send(b"", 302, Location="data:text/markdown,%23%20A%20plan")

    def _to_nonsense(self) -> None:
        self.send(b"", 302, Location="https://[plan.md")

    def _nothing(self) -> None:
        self.send(b"nothing here", 404)

    def _plan(self) -> None:
        self.send(FILE)

    def _page(self) -> None:
        self.send(PAGE)

    def _front(self) -> None:
        self.send(FRONT)

    def _broken(self) -> None:
        self.send(b"", 500)

    def _empty(self) -> None:
        self.send(b"")

    def _redirect(self) -> None:
        self.send(b"", 302, Location="/plan.md")

    def _away(self) -> None:
        # Without encryption the same server would not answer: what matters is that it is not even asked.
        self.send(b"", 301, Location=f"http://127.0.0.1:{self.server.server_address[1]}/plan.md")

    def _to_a_file(self) -> None:
        self.send(b"", 302, Location="file:///etc/hostname")

    def _loop(self) -> None:
        self.send(b"", 302, Location="/loop")

    def _cut(self) -> None:
        self.send(FILE[:100], length=len(FILE))
        self.close_connection = True

    def _never(self) -> None:
        self.stop.wait(20)
        self.close_connection = True

    def _slow(self) -> None:
        # A byte now and then keeps every timeout between bytes from running out.
        self.send(b"", length=10_000)
        with contextlib.suppress(OSError):
            while not self.stop.wait(0.1):
                self.wfile.write(b"x")
                self.wfile.flush()
        self.close_connection = True

    def _slow_head(self) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.stop.wait(0.1):
                self.wfile.write(b"X-Wait: yes\r\n")
                self.wfile.flush()
        self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that goes away is what several tests are about."""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def _server(authority: trustme.CA) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = Server(("127.0.0.1", 0), Handler)
    # The handshake is left to the thread of the connection, so that none holds up the others.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    Handler.stop.set()
    Handler.go_on.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def site(_server: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Address of a server whose certificate is trusted; the store is a new one."""
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    monkeypatch.setenv("POLICY_COMPARE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    Handler.reset()
    return _server


@pytest.fixture
def store(site: str, tmp_path: Path) -> Path:
    return tmp_path / "home" / "texts"


def entry_of(*sources: Source) -> Entry:
    return dataclasses.replace(
        catalogue()["us-ai-action-plan-2025"], sources=sources, expected_words=None, expected_sections=None
    )


def file_at(url: str, content: bytes = FILE) -> Source:
    return Source("file", url, "plan.md", "text/markdown", hashlib.sha256(content).hexdigest())


def page_at(
    url: str, words: tuple[int, int] = (100, 1000), contains: tuple[str, ...] = ("for the harbours",)
) -> Source:
    return Source("page", url, "plan.html", "text/html", contains=contains, words=words)


def points_at(url: str) -> Source:
    return dataclasses.replace(page_at(url, contains=()), title="Appeal for clean harbours", points=13)


def council_at(url: str) -> Source:
    return Source("page", url, "plan.html", "text/html", title="关于改进“港口”工作的意见", points=4, words=(300, 900))


def kept(store: Path) -> list[str]:
    """What is in the store but for what a fetch notes for the next one."""
    return sorted(path.name for path in store.rglob("*") if not path.is_dir() and not path.name.startswith("."))


def parts(store: Path) -> list[Path]:
    return sorted(store.rglob(".*.part"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


# What comes is kept and used


def test_a_file_with_the_right_checksum_is_kept_and_used(site: str, store: Path) -> None:
    source = file_at(f"{site}/plan.md")
    entry = entry_of(source)
    assert entry.official() is None
    path = store / entry.name / "plan.md"
    assert fetch_entry(entry, 20) == Fetched(path, len(FILE), 0)
    assert path.read_bytes() == FILE
    assert kept(store) == ["plan.md"] and parts(store) == []
    assert entry.official() == (path, source)
    assert Handler.headers_of[0]["accept-encoding"] == "identity"


def test_steps_and_bytes_are_told(site: str, store: Path) -> None:
    told: list[tuple[str, str, int, int | None]] = []
    for path in ("plan.md", "chunked.md"):
        entry = entry_of(file_at(f"{site}/{path}"))
        fetch_entry(entry, 20, lambda *step: told.append(step)).path.unlink()
    name, size = entry.name, len(FILE)
    assert told[:2] == [(name, "asking 127.0.0.1", 0, None), (name, "from 127.0.0.1", 0, size)]
    assert (name, "from 127.0.0.1", size, size) in told
    # Where the server does not say how much there is, nobody knows.
    assert told[-1] == (name, "from 127.0.0.1", size, None)


def test_what_is_there_is_not_fetched_again(site: str, store: Path) -> None:
    for source in (file_at(f"{site}/plan.md"), page_at(f"{site}/page.html")):
        entry = entry_of(source)
        first = fetch_entry(entry, 20)
        Handler.asked.clear()
        again = fetch_entry(entry, 20)
        assert again == dataclasses.replace(first, resumed_at=None)
        assert Handler.asked == []


def test_a_kept_file_that_was_spoilt_is_not_used_and_is_fetched_again(site: str, store: Path) -> None:
    entry = entry_of(file_at(f"{site}/plan.md"))
    path = fetch_entry(entry, 20).path
    path.write_bytes(b"spoilt")
    assert entry.official() is None
    assert fetch_entry(entry, 20).path.read_bytes() == FILE
    assert entry.official() is not None


def test_a_page_that_is_the_text_is_kept_and_can_be_read(
    site: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = entry_of(page_at(f"{site}/page.html"))
    fetch_entry(entry, 20)
    assert kept(store) == ["plan.html"]
    monkeypatch.setattr("compare.catalogue.catalogue", lambda: {entry.name: entry})
    request = resolve([entry.name], "official")[0]
    document = load(request)
    assert document.basis == "official" and document.source == f"{site}/page.html"
    assert any("number 39 answers" in passage.text for passage in document.passages)


def test_a_redirect_to_https_is_followed(site: str, store: Path) -> None:
    assert fetch_entry(entry_of(file_at(f"{site}/redirect")), 20).path.read_bytes() == FILE
    assert Handler.asked == ["/redirect", "/plan.md"]


def test_the_second_source_is_asked_when_the_first_fails(site: str, store: Path) -> None:
    first = dataclasses.replace(file_at(f"{site}/missing"), filename="first.md")
    second = file_at(f"{site}/plan.md")
    entry = entry_of(first, second)
    assert fetch_entry(entry, 20).path.name == "plan.md"
    assert entry.official() == (store / entry.name / "plan.md", second)
    assert kept(store) == ["plan.md"]


def test_pages_with_their_title_and_points(site: str, store: Path) -> None:
    for path in ("ministry", "ministry-roman"):
        found = fetch_entry(entry_of(points_at(f"{site}/{path}")), 20)
        assert len(read(found.path.read_bytes(), "page.html").sections) == 13
        found.path.unlink()
    fetch_entry(entry_of(council_at(f"{site}/council")), 20)
    assert kept(store) == ["plan.html"]


def test_all_that_is_wrong_with_a_page_is_said(site: str, store: Path) -> None:
    source = dataclasses.replace(points_at(f"{site}/front"), contains=("quays",), words=(5000, 6000))
    with pytest.raises(FetchError) as caught:
        fetch_entry(entry_of(source), 20)
    for fault in ("its title", "“quays”", "no numbered points", "5000 to 6000 are expected"):
        assert fault in str(caught.value)


# What is not the text is refused, and nothing is kept

REFUSED: dict[str, tuple[Callable[[str], Source], str]] = {
    "wrong checksum": (lambda site: file_at(f"{site}/plan.md", b"another file"), "checksum differs"),
    "cut short": (lambda site: file_at(f"{site}/cut"), "broke before all had come"),
    "not found": (lambda site: file_at(f"{site}/missing"), "answered 404"),
    "server error": (lambda site: file_at(f"{site}/broken"), "answered 500"),
    "front page": (lambda site: page_at(f"{site}/front"), "does not hold “for the harbours”"),
    "one text of two": (
        lambda site: page_at(f"{site}/page", contains=("Harbours", "lighthouse")),
        "does not hold “lighthouse”",
    ),
    "too few words": (lambda site: page_at(f"{site}/page", (2000, 4000)), "2000 to 4000 are expected"),
    "too many words": (lambda site: page_at(f"{site}/page", (1, 50)), "1 to 50 are expected"),
    "empty page": (lambda site: page_at(f"{site}/empty"), "cannot be read"),
    "redirect to http": (lambda site: file_at(f"{site}/away"), "leads away from https"),
    "redirect to a file": (lambda site: file_at(f"{site}/to-a-file"), "leads away from https"),
    "redirect to ftp": (lambda site: file_at(f"{site}/to-ftp"), "leads away from https"),
    "redirect to data": (lambda site: file_at(f"{site}/to-data"), "leads away from https"),
    "redirect to nonsense": (lambda site: file_at(f"{site}/to-nonsense"), "Invalid IPv6 URL"),
    "header of a megabyte": (lambda site: file_at(f"{site}/long-header"), "not as HTTP wants it"),
    "thousands of headers": (lambda site: file_at(f"{site}/many-headers"), "not as HTTP wants it"),
    "another title": (lambda site: points_at(f"{site}/ministry-title"), "its title is not “Appeal for clean harbours”"),
    "points missing": (lambda site: points_at(f"{site}/ministry-gap"), "of 13 numbered points it has not 5, 9"),
    "points too many": (lambda site: points_at(f"{site}/ministry-more"), "15 numbered points, 13 are expected"),
    "points out of order": (lambda site: points_at(f"{site}/ministry-order"), "13 numbered points are not in order"),
    "no points": (lambda site: points_at(f"{site}/ministry-unnumbered"), "no numbered points, 13 are expected"),
    "a Chinese part missing": (lambda site: council_at(f"{site}/council-cut"), "of 4 numbered points it has not 4"),
    "redirect without end": (lambda site: file_at(f"{site}/loop"), "more than 5 redirects"),
    "address without https": (lambda site: file_at(site.replace("https", "http")), "leads away from https"),
    "nobody listens": (lambda site: file_at(f"https://127.0.0.1:{free_port()}/plan.md"), "no connection"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_the_text_is_refused(site: str, store: Path, case: str) -> None:
    make, reason = REFUSED[case]
    entry = entry_of(make(site))
    with pytest.raises(FetchError) as caught:
        fetch_entry(entry, 20)
    line = str(caught.value)
    assert line.startswith(f"{entry.name}: not fetched; 127.0.0.1: ") and reason in line
    assert len(line.splitlines()) == 1
    assert kept(store) == [] and entry.official() is None
    assert "/plan.md" not in Handler.asked or case == "wrong checksum"


@pytest.mark.parametrize("path", ["never", "slow", "slow-head"])
def test_time_is_kept_with_a_server_that_takes_its_time(site: str, store: Path, path: str) -> None:
    with pytest.raises(FetchError, match="no answer in time"):
        fetch_entry(entry_of(file_at(f"{site}/{path}")), 1)
    assert kept(store) == []


def test_time_that_is_used_up_leaves_none_for_the_next_source(site: str, store: Path) -> None:
    entry = entry_of(file_at(f"{site}/never"), file_at(f"{site}/plan.md"))
    with pytest.raises(FetchError, match="no answer in time"):
        fetch_entry(entry, 1)
    assert kept(store) == []


def test_more_bytes_than_allowed(site: str, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "LARGEST_FILE", len(FILE) - 1)
    # What says its size is not begun; what does not is cut off when it has become too much.
    with pytest.raises(FetchError, match=r"it has .* MB, more than .* MB are not taken"):
        fetch_entry(entry_of(file_at(f"{site}/plan.md")), 20)
    with pytest.raises(FetchError, match=r"more than .* MB came"):
        fetch_entry(entry_of(file_at(f"{site}/chunked.md")), 20)
    assert kept(store) == [] and parts(store) == []
    monkeypatch.setattr(fetch, "LARGEST_FILE", len(FILE))
    for path in ("plan.md", "chunked.md"):
        assert fetch_entry(entry_of(file_at(f"{site}/{path}")), 20).path.read_bytes() == FILE


def test_an_answer_without_end_is_cut_off(site: str, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "LARGEST_FILE", 3_000_000)
    with pytest.raises(FetchError, match=r"more than 3\.0 MB came"):
        fetch_entry(entry_of(file_at(f"{site}/endless")), 30)
    assert kept(store) == [] and parts(store) == []


def test_a_page_is_smaller_than_a_file_may_be(site: str, store: Path) -> None:
    assert MAX_HTML_BYTES < fetch.LARGEST_FILE
    with pytest.raises(FetchError, match=rf"more than {MAX_HTML_BYTES / 1e6:.1f} MB came"):
        fetch_entry(entry_of(page_at(f"{site}/endless")), 60)


def test_compressed_answers_are_read_and_bounded(site: str, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fetch_entry(entry_of(page_at(f"{site}/compressed")), 20).path.read_bytes() == PAGE
    monkeypatch.setattr(fetch, "LARGEST_FILE", 3_000_000)
    for path, reason in (
        ("bomb", r"more than 3\.0 MB came"),
        ("bomb-in-bomb", r"compressed in a way that is not read \(gzip, gzip\)"),
        ("spoilt", "cannot be decompressed"),
    ):
        with pytest.raises(FetchError, match=reason):
            fetch_entry(entry_of(file_at(f"{site}/{path}")), 30)
        assert kept(store) == ["plan.html"]


def test_a_name_that_stands_for_no_computer(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    # A network without a name server may take its time.
    with pytest.raises(FetchError, match=r"its name is not known to the network|no answer in time"):
        fetch_entry(entry_of(file_at("https://harbours.invalid/plan.md")), 20)
    assert kept(store) == []


def test_a_certificate_of_an_unknown_authority(
    site: str, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    with pytest.raises(FetchError, match="certificate cannot be verified"):
        fetch_entry(entry_of(file_at(f"{site}/plan.md")), 20)
    assert kept(store) == [] and Handler.asked == []


def test_both_reasons_are_told_when_no_source_gives_the_text(site: str, store: Path) -> None:
    with pytest.raises(FetchError) as caught:
        fetch_entry(entry_of(file_at(f"{site}/missing"), file_at(f"{site}/loop")), 20)
    assert "answered 404" in str(caught.value) and "5 redirects" in str(caught.value)


def test_a_store_that_cannot_be_written(site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    monkeypatch.setenv("POLICY_COMPARE_HOME", str(tmp_path / "taken"))
    with pytest.raises(FetchError, match="cannot be written"):
        fetch_entry(entry_of(file_at(f"{site}/plan.md")), 20)


def test_a_document_without_an_address_says_what_to_do() -> None:
    with pytest.raises(FetchError, match=r"no address.*POLICY_COMPARE_CORPORA"):
        fetch_entry(catalogue()["it-ai-strategy-2024"])


def test_one_failure_does_not_stop_the_others(site: str, store: Path) -> None:
    failing = dataclasses.replace(entry_of(file_at(f"{site}/missing")), name="failing")
    sound = dataclasses.replace(entry_of(file_at(f"{site}/plan.md")), name="sound")
    made = fetch_all([failing, sound], 20)
    assert isinstance(made["failing"], FetchError)
    assert made["sound"] == Fetched(store / "sound" / "plan.md", len(FILE), 0)


# What was cut off is gone on with

HALF = len(LARGE) // 2
WORDS = (30_000, 50_000)  # of the large page


def cut_off(site: str, store: Path, path: str = "halved.md", source: Source | None = None) -> Entry:
    """An entry of which the first half has come when the connection broke."""
    entry = entry_of(source or file_at(f"{site}/{path}", LARGE))
    with pytest.raises(FetchError, match="broke before all had come"):
        fetch_entry(entry, 20)
    assert kept(store) == [] and entry.official() is None
    return entry


@pytest.mark.parametrize("path", ["halved.md", "halved-by-date.md", "halved-unnamed.md"])
def test_only_the_rest_is_asked_for(site: str, store: Path, path: str) -> None:
    entry = cut_off(site, store, path)
    (part,) = parts(store)
    start = part.stat().st_size
    assert HALF - 16384 <= start <= HALF
    found = fetch_entry(entry, 20)
    assert found == Fetched(store / entry.name / "plan.md", len(LARGE), start)
    assert found.path.read_bytes() == LARGE and parts(store) == []
    assert Handler.ranges() == [None, f"bytes={start}-"]
    assert Handler.sent == HALF + len(LARGE) - start < 2 * len(LARGE)
    condition = {
        "halved.md": '"first"',
        "halved-by-date.md": "Wed, 01 Jan 2025 00:00:00 GMT",
        "halved-unnamed.md": None,  # the checksum decides
    }
    assert Handler.headers_of[1].get("if-range") == condition[path]


def test_a_page_is_gone_on_with_only_where_its_version_is_known(site: str, store: Path) -> None:
    sound = cut_off(site, store, source=page_at(f"{site}/halved-page", WORDS))
    assert fetch_entry(sound, 20).path.read_bytes() == LARGE_PAGE
    assert Handler.ranges()[0] is None and str(Handler.ranges()[1]).startswith("bytes=")
    Handler.reset()
    # A weak validator says nothing of single bytes, and a page has no checksum.
    (store / sound.name / "plan.html").unlink()
    weak = cut_off(site, store, source=page_at(f"{site}/halved-weak", WORDS))
    found = fetch_entry(weak, 20)
    assert found.resumed_at == 0 and found.path.read_bytes() == LARGE_PAGE
    assert Handler.ranges() == [None, None]


ANEW: dict[str, int] = {
    "ignores": 2,
    "refuses": 3,
    "lies about the start": 3,
    "lies about the end": 3,
    "lies about the total": 3,
    "says no range": 3,
    "says nonsense": 3,
}


@pytest.mark.parametrize("behaviour", ANEW)
def test_a_server_that_does_not_go_on_sends_all_anew(site: str, store: Path, behaviour: str) -> None:
    # A page has no checksum that would tell.
    entry = cut_off(site, store, source=page_at(f"{site}/halved-page", WORDS))
    Handler.behaviour = behaviour
    found = fetch_entry(entry, 20)
    assert found.resumed_at == 0 and found.path.read_bytes() == LARGE_PAGE
    assert len(Handler.asked) == ANEW[behaviour] and Handler.ranges()[1] is not None
    assert Handler.ranges()[2:] in ([], [None])
    assert kept(store) == ["plan.html"] and parts(store) == []


@pytest.mark.parametrize("behaviour", ["changed", "does not compare"])
def test_versions_of_a_page_are_not_put_together(site: str, store: Path, behaviour: str) -> None:
    entry = cut_off(site, store, source=page_at(f"{site}/halved-page", WORDS))
    Handler.behaviour = behaviour
    found = fetch_entry(entry, 20)
    assert found.resumed_at == 0 and found.path.read_bytes() == LARGE_PAGE.replace(b"swept", b"wiped")


def test_a_second_break_is_gone_on_with_too(site: str, store: Path) -> None:
    entry = cut_off(site, store, source=page_at(f"{site}/halved-page", WORDS))
    (part,) = parts(store)
    first = part.stat().st_size
    Handler.behaviour = "stops again"
    with pytest.raises(FetchError, match="broke before all had come"):
        fetch_entry(entry, 20)
    assert kept(store) == [] and parts(store) == [part]
    second = part.stat().st_size
    assert second > first
    Handler.behaviour = ""
    assert fetch_entry(entry, 20).path.read_bytes() == LARGE_PAGE
    assert Handler.ranges() == [None, f"bytes={first}-", f"bytes={second}-"]


@pytest.mark.parametrize("path", ["halved.md", "halved-by-date.md"])
@pytest.mark.parametrize("behaviour", ["changed", "does not compare"])
def test_versions_are_not_put_together(site: str, store: Path, path: str, behaviour: str) -> None:
    # The catalogue's checksum is that of the second version: a mixture would not be let through, nor is it made.
    entry = cut_off(site, store, source=file_at(f"{site}/{path}", CHANGED))
    Handler.behaviour = behaviour
    found = fetch_entry(entry, 20)
    assert found.resumed_at == 0 and found.path.read_bytes() == CHANGED
    assert kept(store) == ["plan.md"] and parts(store) == []


def test_a_part_with_a_wrong_sum_is_fetched_whole_once_more(site: str, store: Path) -> None:
    entry = cut_off(site, store)
    (part,) = parts(store)
    data = bytearray(part.read_bytes())
    data[1000] ^= 1
    part.write_bytes(data)
    found = fetch_entry(entry, 20)
    assert found.resumed_at == 0 and found.path.read_bytes() == LARGE
    assert Handler.ranges() == [None, f"bytes={len(data)}-", None]


def test_a_published_file_that_changed_is_told_from_a_part_that_was_spoilt(site: str, store: Path) -> None:
    entry = cut_off(site, store, source=file_at(f"{site}/halved.md", b"as it was published"))
    with pytest.raises(FetchError, match=r"what came is not the published file \(its checksum differs\)"):
        fetch_entry(entry, 20)
    assert Handler.ranges()[2] is None and len(Handler.asked) == 3
    assert kept(store) == [] and parts(store) == []


def test_a_server_in_trouble_does_not_cost_what_has_come(site: str, store: Path) -> None:
    entry = cut_off(site, store)
    Handler.behaviour = "fails"
    with pytest.raises(FetchError, match="answered 503"):
        fetch_entry(entry, 20)
    Handler.behaviour = ""
    resumed = fetch_entry(entry, 20).resumed_at
    assert resumed is not None and resumed >= HALF - 16384


def test_a_part_that_was_all_there_is_not_asked_for(site: str, store: Path) -> None:
    entry = cut_off(site, store)
    (part,) = parts(store)
    part.write_bytes(LARGE)
    Handler.reset()
    assert fetch_entry(entry, 20) == Fetched(store / entry.name / "plan.md", len(LARGE), len(LARGE))
    assert Handler.asked == []


@pytest.mark.parametrize(
    "note", [b"", b"{", b"[]", b"\xff", b'{"etag": "", "modified": "", "total": 7}', b'{"etag": 1, "total": "x"}']
)
def test_a_part_of_which_nothing_is_known_is_not_used(site: str, store: Path, note: bytes) -> None:
    entry = cut_off(site, store)
    (part,) = parts(store)
    part.with_name(part.name + ".json").write_bytes(note)
    assert fetch_entry(entry, 20).path.read_bytes() == LARGE
    assert Handler.ranges() == [None, None]


def test_what_is_left_behind_is_removed(site: str, store: Path) -> None:
    week = time.time() - 8 * 24 * 3600
    entry = cut_off(site, store)
    other = dataclasses.replace(entry, name="other")
    for name in ("other", "young"):
        folder = store / name
        folder.mkdir()
        (folder / ".0123456789ab.part").write_bytes(b"begun")
        (folder / ".0123456789ab.part.json").write_bytes(b"{}")
        (folder / "mine.md").write_bytes(b"not a part")
    # A version that nobody asks for any more, and what a killed process had not yet filled.
    (store / entry.name / ".0123456789ab.part").write_bytes(b"of another address")
    (store / entry.name / "tmp0a1b2c3d").touch()
    for path in (*(store / "other").iterdir(), *parts(store / entry.name)):
        os.utime(path, (week, week))
    Handler.reset()
    with pytest.raises(FetchError, match="broke before all"):
        fetch_entry(entry, 20)
    assert Handler.ranges() == [None]  # too old to be gone on with
    assert sorted(path.name for path in (store / other.name).iterdir()) == [".lock", "mine.md"]
    assert len(parts(store / "young")) == 1
    assert len(parts(store / entry.name)) == 1 and not (store / entry.name / "tmp0a1b2c3d").exists()


def test_a_thread_that_is_left_behind_writes_nothing(site: str, store: Path) -> None:
    entry = entry_of(file_at(f"{site}/held.md", LARGE))
    others = set(threading.enumerate())
    with pytest.raises(FetchError, match="no answer in time"):
        fetch_entry(entry, 2)
    (part,) = parts(store)
    before = part.read_bytes()
    assert LARGE.startswith(before) and len(before) >= HALF - 16384
    Handler.go_on.set()
    assert Handler.finished.wait(20)
    for thread in set(threading.enumerate()) - others:
        thread.join(20)
    assert part.read_bytes() == before and kept(store) == []


# Processes that are killed, and that meet

COMMAND = """
import sys
from pathlib import Path
import compare.catalogue
compare.catalogue.catalogue_folder = lambda: Path(sys.argv[1])
from compare.cli import main
main(sys.argv[2:])
"""


class Shelf:
    """A catalogue of the test's own, and the command that runs on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, source: Source, language: str = "en") -> None:
        lines = [f"title = {json.dumps(name)}", f'language = "{language}"', "date = 2025-01-02"]
        lines += [f'{key} = "x"' for key in ("label", "short", "issuer", "country", "genre", "rights")]
        lines.append("[[sources]]")
        for key, value in dataclasses.asdict(source).items():
            if value:
                lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
        (self.folder / name).mkdir(parents=True)
        (self.folder / name / "document.toml").write_text("\n".join(lines), encoding="utf-8")

    def start(self, *arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", COMMAND, str(self.folder), *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1", "TERM": "xterm", "COLUMNS": "100"},
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err


@pytest.fixture
def shelf(store: Path, tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "catalogue")


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
@pytest.mark.parametrize("behaviour", ["", "ignores", "refuses", "changed", "lies about the start"])
def test_a_process_that_is_killed_is_gone_on_with(site: str, store: Path, shelf: Shelf, behaviour: str) -> None:
    whole = CHANGED if behaviour == "changed" else LARGE
    shelf.put("plan", file_at(f"{site}/held.md", whole))
    process = shelf.start("fetch", "plan")
    assert Handler.half_sent.wait(60)
    while not parts(store) or parts(store)[0].stat().st_size < HALF - 16384:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.communicate(timeout=60) == ("", "") and process.returncode == -signal.SIGKILL
    assert kept(store) == []
    start = parts(store)[0].stat().st_size
    Handler.behaviour = behaviour
    code, out, err = shelf.run("fetch", "plan")
    assert (code, err) == (0, "")
    how = "fetched" if behaviour else f"resumed at {start / 1000:.1f} kB"
    assert out == f"plan: {store / 'plan' / 'plan.md'} ({len(whole) / 1e6:.1f} MB, {how})\n"
    assert (store / "plan" / "plan.md").read_bytes() == whole
    assert kept(store) == ["plan.md"] and parts(store) == []
    assert Handler.ranges()[1] == f"bytes={start}-"
    if not behaviour:
        assert Handler.sent < 1.1 * len(LARGE)


def test_the_second_of_two_processes_waits_and_finds_the_file(site: str, store: Path, shelf: Shelf) -> None:
    shelf.put("plan", file_at(f"{site}/held.md", LARGE))
    first = shelf.start("fetch", "plan")
    assert Handler.half_sent.wait(60)
    waiting = threading.Event()

    def told(name: str, step: str, done: int, total: int | None) -> None:
        if "waiting" in step:
            waiting.set()

    found: list[Fetched] = []
    source = file_at(f"{site}/held.md", LARGE)
    second = threading.Thread(
        target=lambda: found.append(fetch_entry(dataclasses.replace(entry_of(source), name="plan"), 60, told))
    )
    second.start()
    assert waiting.wait(60)
    Handler.go_on.set()
    out, err = first.communicate(timeout=60)
    second.join(60)
    assert (first.returncode, err) == (0, "") and out.endswith("(1.1 MB, fetched)\n")
    assert found == [Fetched(store / "plan" / "plan.md", len(LARGE), None)]
    assert Handler.asked == ["/held.md"]
    assert shelf.run("fetch", "plan")[1].endswith("(1.1 MB, at hand already)\n")


def test_a_second_process_waits_no_longer_than_its_time(site: str, store: Path, shelf: Shelf) -> None:
    shelf.put("plan", file_at(f"{site}/held.md", LARGE))
    first = shelf.start("fetch", "plan")
    assert Handler.half_sent.wait(60)
    code, out, err = shelf.run("fetch", "plan", "--seconds", "0.5")
    assert (code, out) == (2, "") and len(err.splitlines()) == 1
    assert "another fetch of it did not end in time" in err
    Handler.go_on.set()
    assert first.communicate(timeout=60)[1] == "" and first.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of POSIX")
def test_progress_is_shown_on_a_terminal_and_gone_when_done(site: str, store: Path, shelf: Shelf) -> None:
    import pty

    shelf.put("plan", file_at(f"{site}/held.md", LARGE))
    terminal, end = pty.openpty()
    process = shelf.start("fetch", "plan", stderr=end)
    os.close(end)
    shown = b""
    with open(terminal, "rb", buffering=0) as stream, contextlib.suppress(OSError):
        while piece := stream.read(4096):
            shown += piece
            if re.search(rb"0\.5/1\.1 MB", shown):
                Handler.go_on.set()
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and out.count("\n") == 1 and "\x1b" not in out
    assert b"plan: from 127.0.0.1" in shown and re.search(rb"\d MB/s|\d kB/s|\d bytes/s", shown)
    # Its last act is to clear its line.
    assert shown.rstrip(b"\r\n").endswith(b"\x1b[2K")


def test_pages_from_their_address_to_what_is_read(site: str, store: Path, shelf: Shelf) -> None:
    ministry = Source(
        "page", f"{site}/foreign-ministry-page.html", "plan.html", "text/html", contains=("learning machines",),
        title="Southland Action Plan for Shared Roads and Open Machines", points=5, words=(150, 300),
    )  # fmt: skip
    council = Source(
        "page", f"{site}/state-council-page.html", "plan.html", "text/html", contains=("组织实施",),
        title="南洲政务院关于深入实施“智慧道路”行动的意见", points=4, words=(200, 400),
    )  # fmt: skip
    shelf.put("ministry", ministry)
    shelf.put("council", council, "zh")
    shelf.put("cut", council_at(f"{site}/council-cut.html"), "zh")
    code, out, err = shelf.run("fetch")
    assert code == 2 and [line.split(":")[0] for line in out.splitlines()] == ["council", "ministry"]
    assert all(line.endswith("fetched)") for line in out.splitlines())
    assert err == (
        "policy-compare: cut: not fetched; 127.0.0.1: what came is not the text: of 4 numbered points it has not 4\n"
    )
    page = read((store / "ministry" / "plan.html").read_bytes(), "plan.html")
    assert [path[-1].split(".")[0] for path in page.sections] == ["I", "II", "III", "IV", "V"]
    page = read((store / "council" / "plan.html").read_bytes(), "plan.html")
    assert [path[0][:2] for path in page.sections if len(path) == 1] == ["一、", "二、", "三、", "四、"]
    for name, text in (("ministry", "learning machines"), ("council", "仪器")):
        code, out, err = shelf.run("show", name, "--basis", "official", "--text")
        assert (code, err) == (0, "") and text in out


# Addresses that a user gives


def test_an_address_is_fetched_once(site: str, store: Path) -> None:
    path = fetch_address(f"{site}/plan.md", 20)
    assert path.read_bytes() == FILE and path.name == "plan.md" and store in path.parents
    Handler.asked.clear()
    assert fetch_address(f"{site}/plan.md", 20) == path
    assert Handler.asked == []
    assert fetch_address(f"{site}/page", 20).parent != path.parent


def test_a_document_is_shown_and_added_from_its_address(site: str, store: Path, shelf: Shelf) -> None:
    code, shown, err = shelf.run("show", f"{site}/foreign-ministry-page.html", "--text")
    assert (code, err) == (0, "") and "learning machines" in shown
    code, out, err = shelf.run("add", f"{site}/foreign-ministry-page.html", "--name", "roads", "--date", "2025-07-12")
    assert (code, err) == (0, "") and out.startswith("roads: ")
    Handler.asked.clear()
    # From then on the name stands for the copy, and nobody is asked.
    assert shelf.run("show", "roads", "--text") == (0, shown, "")
    assert Handler.asked == []


@pytest.mark.parametrize("end", ["/..", "/.", "/%2e%2e%2f..", "/a/../..", "/?..", "/...."])
def test_an_address_never_names_a_file_outside_its_folder(site: str, store: Path, end: str) -> None:
    with contextlib.suppress(FetchError):
        path = fetch_address(f"{site}{end}", 20)
        assert path.resolve().parent.parent == (store / "addresses").resolve()
    assert all(path.parent.parent == store / "addresses" for path in store.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "url",
    [
        "https://[x/plan.md",
        "https://",
        "https://127.0.0.1:99999/",
        "https://\udc80.example/",
        "http://127.0.0.1/plan.md",
    ],
)
def test_what_is_no_https_address(site: str, url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch_address(url, 2)
    assert len(str(caught.value).splitlines()) == 1 and str(caught.value).isprintable()


def test_an_address_that_does_not_answer_says_what_to_do(site: str, store: Path) -> None:
    with pytest.raises(FetchError, match=r"answered 404; save the document and give the file"):
        fetch_address(f"{site}/missing.pdf", 20)
    with pytest.raises(FetchError, match="no answer in time"):
        fetch_address(f"{site}/never", 1)
    assert kept(store) == []


# The command


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the command where no address can be reached: its proxy is a port at which nobody listens."""
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    nowhere = f"http://127.0.0.1:{free_port()}"
    proxies = {"HTTPS_PROXY": nowhere, "HTTP_PROXY": nowhere, "https_proxy": nowhere, "http_proxy": nowhere}
    return subprocess.run(
        [sys.executable, "-m", "compare", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**clean, **proxies, "PYTHONUTF8": "1", "POLICY_COMPARE_HOME": str(home)},
        timeout=300,
        check=False,
    )


def test_the_main_job_goes_on_with_digests_when_nobody_answers(main_job: Comparison, home: Path) -> None:
    done = run("--fetch", home=home)
    assert done.returncode == 0
    notes = done.stderr.splitlines()
    assert len(notes) == 2
    for note, name in zip(notes, ("us-ai-action-plan-2025", "cn-global-ai-governance-action-plan-2025"), strict=True):
        assert note.startswith(f"note: {name}: not fetched") and "no connection" in note
        assert note.endswith("going on with what is at hand")
    assert done.stdout == run(home=home).stdout and "digests" in done.stdout
    assert kept(home / "texts") == [] and parts(home / "texts") == []


def test_fetch_alone_says_what_failed_and_ends_with_2(tmp_path: Path) -> None:
    done = run("fetch", "us-ai-action-plan-2025", home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("policy-compare: us-ai-action-plan-2025: not fetched")
    assert len(done.stderr.splitlines()) == 1
    assert kept(tmp_path) == [] and parts(tmp_path) == []


def test_an_article_is_fetched_by_its_address(site: str) -> None:
    found = check(f"{site}/article.html", [FIXTURES / "northland-plan.md"], meaning=False)
    assert [(item.verdict, item.credit.documents) for item in found.checked] == [("verbatim", ("northland-plan",))]
    with pytest.raises(PolicyCompareError, match="only https"):
        check("http://127.0.0.1/article.html", [FIXTURES / "northland-plan.md"])
