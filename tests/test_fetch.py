"""Official texts come over https, whole, in time and as the catalogue says, or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import trustme

from compare import fetch
from compare.catalogue import Entry, Source, catalogue, load, resolve
from compare.comparison import Comparison
from compare.errors import FetchError
from compare.fetch import fetch_address, fetch_all, fetch_entry

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


class Handler(BaseHTTPRequestHandler):
    """Answers by path; what a test adds to `answers` comes first."""

    protocol_version = "HTTP/1.1"
    stop = threading.Event()
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        name = self.path.strip("/").replace("-", "_").split(".")[0]
        getattr(self, f"_{name}", self._nothing)()

    def log_message(self, *_: object) -> None:
        pass

    def send(self, body: bytes, status: int = 200, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

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
    Handler.asked.clear()
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


def kept(store: Path) -> list[str]:
    return sorted(path.name for path in store.rglob("*") if not path.is_dir())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


# What comes is kept and used


def test_a_file_with_the_right_checksum_is_kept_and_used(site: str, store: Path) -> None:
    source = file_at(f"{site}/plan.md")
    entry = entry_of(source)
    assert entry.official() is None
    steps: list[str] = []
    path = fetch_entry(entry, 20, steps.append)
    assert path.read_bytes() == FILE and store in path.parents
    assert kept(store) == ["plan.md"]
    assert entry.official() == (path, source)
    assert steps == [f"{entry.name}: asking 127.0.0.1"]


def test_what_is_there_is_not_fetched_again(site: str, store: Path) -> None:
    for source in (file_at(f"{site}/plan.md"), page_at(f"{site}/page.html")):
        entry = entry_of(source)
        first = fetch_entry(entry, 20)
        Handler.asked.clear()
        assert fetch_entry(entry, 20) == first
        assert Handler.asked == []


def test_a_kept_file_that_was_spoilt_is_not_used_and_is_fetched_again(site: str, store: Path) -> None:
    entry = entry_of(file_at(f"{site}/plan.md"))
    path = fetch_entry(entry, 20)
    path.write_bytes(b"spoilt")
    assert entry.official() is None
    assert fetch_entry(entry, 20).read_bytes() == FILE
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
    assert fetch_entry(entry_of(file_at(f"{site}/redirect")), 20).read_bytes() == FILE
    assert Handler.asked == ["/redirect", "/plan.md"]


def test_the_second_source_is_asked_when_the_first_fails(site: str, store: Path) -> None:
    first = dataclasses.replace(file_at(f"{site}/missing"), filename="first.md")
    second = file_at(f"{site}/plan.md")
    entry = entry_of(first, second)
    assert fetch_entry(entry, 20).name == "plan.md"
    assert entry.official() == (store / entry.name / "plan.md", second)
    assert kept(store) == ["plan.md"]


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
    with pytest.raises(FetchError, match=r"more than .* MB came"):
        fetch_entry(entry_of(file_at(f"{site}/plan.md")), 20)
    assert kept(store) == []
    monkeypatch.setattr(fetch, "LARGEST_FILE", len(FILE))
    assert fetch_entry(entry_of(file_at(f"{site}/plan.md")), 20).read_bytes() == FILE


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
    assert made["sound"] == store / "sound" / "plan.md"


# Addresses that a user gives


def test_an_address_is_fetched_once(site: str, store: Path) -> None:
    path = fetch_address(f"{site}/plan.md", 20)
    assert path.read_bytes() == FILE and path.name == "plan.md" and store in path.parents
    Handler.asked.clear()
    assert fetch_address(f"{site}/plan.md", 20) == path
    assert Handler.asked == []
    assert fetch_address(f"{site}/page", 20).parent != path.parent


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
    assert not [path for path in (home / "texts").rglob("*") if path.is_file()]


def test_fetch_alone_says_what_failed_and_ends_with_2(tmp_path: Path) -> None:
    done = run("fetch", "us-ai-action-plan-2025", home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("policy-compare: us-ai-action-plan-2025: not fetched")
    assert len(done.stderr.splitlines()) == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
