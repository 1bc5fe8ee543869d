"""The command ``policy-compare``: options in, calls out.

Standard output is the report or the JSON and nothing else; progress and notices go to standard error. Heavy modules
are imported inside the commands, so that a wrong option is answered at once.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from compare.console import columns_of, console_of, plainly, progress, status, transfers
from compare.console import show as show_paged
from compare.errors import OptionError, PolicyCompareError
from compare.files import check_folder_writable, check_writable, write_file, write_folder
from compare.shown import printable

if TYPE_CHECKING:
    from compare.comparison import Comparison
    from compare.documents import Document
    from compare.documents import Text as Reading
    from compare.report.view import Detail

# Typer brings its own click in some versions and takes the installed one in others: both derive this from it.
_UsageError: type[Any] = typer.BadParameter.__mro__[1]

FETCH_SECONDS = 10.0
# Documents set aside that are told one by one.
_TOLD = 10

app = typer.Typer(
    name="policy-compare",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Compare policy documents in theme and in tone. Without a command: the report on the US and Chinese AI plans.",
)

Docs = Annotated[
    list[str] | None, typer.Argument(metavar="DOC...", help="Names of the catalogue, paths, or https addresses.")
]
Basis = Annotated[
    str, typer.Option("--basis", metavar="auto|official|digest", help="Which text of catalogue documents.")
]
NoPager = Annotated[bool, typer.Option("--no-pager", help="Print at once, also on a terminal.")]
EngineName = Annotated[
    str, typer.Option("--engine", metavar="local|ray", help="What does the work: this computer, or a Ray cluster.")
]
RayAddress = Annotated[
    str | None,
    typer.Option("--ray-address", metavar="ADDRESS", help="A running cluster; without it one is started here."),
]
Json = Annotated[str | None, typer.Option("--json", metavar="[FILE]", help="JSON to standard output, or to FILE.")]


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from compare import comparison

        print(f"policy-compare {comparison.version()}")


@app.command()
def report(
    docs: Docs = None,
    json: Json = None,
    html: Annotated[str | None, typer.Option("--html", metavar="FILE", help="The report as one page of HTML.")] = None,
    markdown: Annotated[
        str | None, typer.Option("--markdown", metavar="FILE", help="The report as Markdown, for a wiki.")
    ] = None,
    svg: Annotated[str | None, typer.Option("--svg", metavar="FILE", help="The report as a picture.")] = None,
    csv: Annotated[str | None, typer.Option("--csv", metavar="DIR", help="All tables as CSV files in DIR.")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="One screen.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Everything.")] = False,
    section: Annotated[
        list[str] | None,
        typer.Option("--section", metavar="NAME", help="One part, in full: findings, themes, tone, ... Repeatable."),
    ] = None,
    basis: Basis = "auto",
    fetch: Annotated[bool, typer.Option("--fetch", help="Try the official sources first (10 seconds in all).")] = False,
    themes: Annotated[str, typer.Option("--themes", metavar="auto|N", help="Number of themes.")] = "auto",
    codebook: Annotated[
        str,
        typer.Option(
            "--codebook",
            metavar="none|ai-policy|FILE",
            help="Topics that become the themes; none leaves topics out altogether.",
        ),
    ] = "auto",
    group: Annotated[
        list[str] | None,
        typer.Option(
            "--group",
            metavar="NAME=DOC,DOC|FIELD",
            help="Documents that stand on one side; NAME=* is all others. Repeatable. Or by a field: issuer, year, ...",
        ),
    ] = None,
    metadata: Annotated[
        str | None, typer.Option("--metadata", metavar="FILE", help="CSV of the documents' fields, for --group FIELD.")
    ] = None,
    engine: EngineName = "local",
    ray_address: RayAddress = None,
    tone: Annotated[str | None, typer.Option("--tone", metavar="FILE", help="Dimensions of tone, as TOML.")] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="Encoder, by name or path; NAME@onnx without PyTorch.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="For all random numbers.")] = 0,
    width: Annotated[int | None, typer.Option("--width", metavar="N", help="Columns of the report.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor keep vectors on disk.")] = False,
    no_pager: NoPager = False,
) -> None:
    """The report: how two or more documents differ in theme and in tone."""
    _check_basis(basis)
    if themes != "auto" and not themes.isdecimal():
        raise OptionError(f"--themes {themes}: give a number, or auto")
    if seed < 0:
        raise OptionError(f"--seed {seed}: give a number from 0 up")
    if sum((brief, full, bool(section))) > 1:
        raise OptionError("--brief, --full and --section: use one of them")
    columns = columns_of(width)
    if section:
        from compare.report.outline import check_sections

        section = list(check_sections(section))
    outputs = _outputs({"json": json, "html": html, "markdown": markdown, "svg": svg, "csv": csv})
    from compare.catalogue import DEFAULT_PAIR
    from compare.engine import open_engine
    from compare.groups import read_groups
    from compare.kept import kept_comparison
    from compare.report.terminal import render_text

    groups = read_groups(group or ())
    chosen = list(docs) if docs else list(DEFAULT_PAIR)
    if fetch:
        _fetch_first(chosen)
    sections = tuple(section or ())
    detail: Detail = "brief" if brief else "full" if full or sections else "default"
    # Ray tells on standard output of a worker that died, where nothing but the report may stand.
    with contextlib.redirect_stdout(sys.stderr), open_engine(engine, ray_address) as working, progress() as say:
        comparison = kept_comparison(
            chosen,
            basis=basis,  # type: ignore[arg-type]
            themes=None if themes == "auto" else int(themes),
            codebook=codebook,
            groups=groups,
            metadata=Path(metadata) if metadata is not None else None,
            tone=Path(tone) if tone is not None else None,
            model=model,
            seed=seed,
            cache=not no_cache,
            engine=working,
            progress=say,
        )
        _print_set_aside(comparison)
        # All are made before the first is written.
        texts = _made(comparison, outputs, columns, detail, sections, say)
    for name, text in texts.items():
        if isinstance(text, str):
            write_file(outputs[name], text)
        else:
            write_folder(outputs[name], text)
    if json == "-":
        _print_whole(comparison.to_json())
        return
    ascii_only, colours = _terminal(columns)
    show_paged(render_text(comparison, columns, ascii_only, detail, sections, colours), not no_pager)


@app.command()
def corpora(
    width: Annotated[int | None, typer.Option("--width", metavar="N", help="Columns of the table.")] = None,
) -> None:
    """The catalogue: names, titles, and what is at hand of each document."""
    from compare.catalogue import catalogue

    columns = columns_of(width)
    console = console_of(columns)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    narrow = columns < 110
    table.add_column("Name", no_wrap=True)
    if not narrow:
        table.add_column("Title and issuer", ratio=1, overflow="fold")
    for head in ("Date", "Language"):
        table.add_column(head, no_wrap=True)
    table.add_column("At hand", overflow="fold")
    for entry in catalogue().values():
        official = entry.official() is not None
        kind = "your file" if entry.added else "official text"
        hand = [name for name, there in ((kind, official), ("digest", entry.digest is not None)) if there]
        missing = "nothing: fetch it" if entry.fetchable else "nothing: give the file"
        missing = "its file is gone: add it again" if entry.added else missing
        about = Text("\n".join(printable(line) for line in (entry.title, entry.issuer) if line))
        name = Text(entry.name, style="bold")
        cells = [Text(entry.date), Text(entry.language), Text(", ".join(hand) or missing)]
        if narrow:
            # A name must be read whole to be typed; what stands beside it goes below it.
            console.print(name)
            console.print(Padding(about, (0, 0, 0, 2)))
            console.print(Padding(Text(" - ".join(cell.plain for cell in cells if cell.plain)), (0, 0, 1, 2)))
        else:
            table.add_row(name, about, *cells)
            table.add_row()
    if not narrow:
        console.print(table)


@app.command()
def fetch(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Names of the catalogue; all by default.")
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", metavar="N", help="Time for all together.")] = 60.0,
) -> None:
    """Official texts into the local store; what was cut off is gone on with."""
    from rich.filesize import decimal

    from compare.catalogue import catalogue
    from compare.errors import FetchError, UnknownDocumentError
    from compare.fetch import fetch_all

    if not seconds > 0:
        raise OptionError(f"--seconds {seconds:g}: give a number above 0")
    known = catalogue()
    for name in names or ():
        if name not in known:
            raise UnknownDocumentError(f"{printable(name)}: not in the catalogue; the names are {', '.join(known)}")
    entries = [known[name] for name in names] if names else [entry for entry in known.values() if entry.fetchable]
    with transfers() as say:
        results = fetch_all(entries, seconds, say)
    failed = False
    for name, result in results.items():
        if isinstance(result, FetchError):
            failed = True
            print(f"policy-compare: {result}", file=sys.stderr)
            continue
        if result.resumed_at is None:
            how = "at hand already"
        else:
            how = f"resumed at {decimal(result.resumed_at)}" if result.resumed_at else "fetched"
        print(f"{name}: {printable(str(result.path))} ({decimal(result.size)}, {how})")
    if failed:
        raise typer.Exit(2)


@app.command()
def calibrate(
    docs: Docs = None,
    splits: Annotated[int, typer.Option("--splits", metavar="N", help="How often each document is halved.")] = 200,
    json: Json = None,
    basis: Basis = "auto",
    themes: Annotated[str, typer.Option("--themes", metavar="auto|N", help="Number of themes.")] = "auto",
    codebook: Annotated[
        str, typer.Option("--codebook", metavar="none|ai-policy|FILE", help="As for the report.")
    ] = "auto",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="For all random numbers.")] = 0,
    width: Annotated[int | None, typer.Option("--width", metavar="N", help="Columns.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor keep vectors on disk.")] = False,
) -> None:
    """How often a difference is called where there is none, and a planted one found: on halves of documents."""
    _check_basis(basis)
    if themes != "auto" and not themes.isdecimal():
        raise OptionError(f"--themes {themes}: give a number, or auto")
    if seed < 0:
        raise OptionError(f"--seed {seed}: give a number from 0 up")
    columns = columns_of(width)
    if json is not None and json != "-":
        check_writable(Path(json))
    from compare import calibration
    from compare.report import calibration as page

    with progress() as say:
        found = calibration.calibrate(
            docs or [],
            splits=splits,
            basis=basis,  # type: ignore[arg-type]
            themes=None if themes == "auto" else int(themes),
            codebook=codebook,
            seed=seed,
            cache=not no_cache,
            progress=say,
        )
    if json is not None:
        options = {"basis": basis, "themes": themes, "codebook": codebook, "seed": seed, "splits": splits}
        made = page.to_json(found, options)
        if json == "-":
            _print_whole(made)
            return
        write_file(Path(json), made)
    console = console_of(columns)
    for part in page.parts(found):
        console.print(part, markup=False, highlight=False, emoji=False)


@app.command()
def show(
    doc: Annotated[str, typer.Argument(metavar="DOC", help="A name of the catalogue, a path, or an https address.")],
    section: Annotated[
        str | None, typer.Option("--section", metavar="S", help="Only the sections whose heading holds S.")
    ] = None,
    passage: Annotated[
        str | None, typer.Option("--passage", metavar="N", help="One passage among its neighbours.")
    ] = None,
    outline: Annotated[bool, typer.Option("--outline", help="The outline alone.")] = False,
    body: Annotated[bool, typer.Option("--text", help="The text as read, in which offsets count.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Outline, passages and text as JSON.")] = False,
    basis: Basis = "auto",
    width: Annotated[int | None, typer.Option("--width", metavar="N", help="Columns.")] = None,
) -> None:
    """How a document was read: its outline and its passages, each with its place."""
    _check_basis(basis)
    columns = columns_of(width)
    if sum((section is not None, passage is not None, outline, body, json)) > 1:
        raise OptionError("--section, --passage, --outline, --text and --json: use one of them")
    from compare.comparison import load_documents
    from compare.report import document as page

    with status() as say:
        if say is not None:
            say("reading")
        document = load_documents([doc], basis, fewest=1)[0]  # type: ignore[arg-type]
    _print_notices([document])
    if json or body:
        _print_whole(page.to_json(document) if json else f"{document.body}\n")
        return
    if passage is not None:
        found = page.context(document, page.find_passage(document, passage), columns)
    else:
        sections = None if section is None else page.find_sections(document, section)
        found = page.lines(document, columns, sections=sections, passages=not outline)
    _print_lines(found, columns)


@app.command()
def add(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A path, or an https address.")],
    title: Annotated[str | None, typer.Option("--title", help="Full title; that of the file by default.")] = None,
    issuer: Annotated[str, typer.Option("--issuer", help="Who issued it.")] = "",
    date: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="When; year or month will do.")] = "",
    name: Annotated[str | None, typer.Option("--name", help="Name in the catalogue; made of title and year.")] = None,
    label: Annotated[str | None, typer.Option("--label", help="Short name for tables.")] = None,
    country: Annotated[str, typer.Option("--country", help="State.")] = "",
    pages: Annotated[str | None, typer.Option("--pages", metavar="A-B", help="Pages of a PDF to read.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of one added before.")] = False,
) -> None:
    """Put a document under a name into the local store's catalogue."""
    from compare.additions import add_document

    entry, text = add_document(
        file,
        title=title,
        issuer=issuer,
        date=date,
        name=name,
        label=label,
        country=country,
        pages=pages,
        replace=replace,
    )
    _print_notices([text])
    print(
        f"{entry.name}: {len(text.passages):,} passages, {len(text.outline):,} headings, {text.language}: {entry.title}"
    )
    print(f"see how it was read: policy-compare show {entry.name}")


@app.command()
def remove(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Names of documents that you added.")],
) -> None:
    """Take documents that you added out of the local store."""
    from compare.additions import remove_document

    for name in names:
        remove_document(name)
        print(f"{name}: removed")


@app.command()
def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A question, a claim or a few words.")],
    docs: Annotated[list[str], typer.Argument(metavar="DOC...", help="Names, files or addresses.")],
    most: Annotated[int, typer.Option("--most", metavar="N", help="Number of passages.")] = 10,
    json: Json = None,
    basis: Basis = "auto",
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="Encoder, by name or path; NAME@onnx without PyTorch.")
    ] = None,
    width: Annotated[int | None, typer.Option("--width", metavar="N", help="Columns.")] = None,
    engine: EngineName = "local",
    ray_address: RayAddress = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor keep vectors on disk.")] = False,
) -> None:
    """The passages nearest in meaning to a text, across languages."""
    _check_basis(basis)
    columns = columns_of(width)
    if most < 1:
        raise OptionError(f"--most {most}: give a number from 1 up")
    outputs = _outputs({"json": json})
    from compare.engine import open_engine
    from compare.report.found import lines, to_json
    from compare.search import search_documents

    with contextlib.redirect_stdout(sys.stderr), open_engine(engine, ray_address) as working, progress() as say:
        found = search_documents(
            text,
            docs,
            most=most,
            basis=basis,  # type: ignore[arg-type]
            model=model,
            cache=not no_cache,
            engine=working,
            progress=say,
        )
    _print_notices(found.documents)
    made = to_json(found)
    if outputs:
        write_file(outputs["json"], made)
    if json == "-":
        _print_whole(made)
        return
    _print_lines(lines(found, columns), columns)


@app.command()
def quotes(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="A file (text, HTML, Word, PDF), or an address.")],
    docs: Annotated[list[str], typer.Argument(metavar="DOC...", help="Names, files or addresses.")],
    json: Json = None,
    html: Annotated[str | None, typer.Option("--html", metavar="FILE", help="The report as one page of HTML.")] = None,
    markdown: Annotated[str | None, typer.Option("--markdown", metavar="FILE", help="The report as Markdown.")] = None,
    basis: Basis = "auto",
    words_only: Annotated[
        bool, typer.Option("--words-only", help="Compare words alone: no passages by meaning, no claims.")
    ] = False,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="Encoder, by name or path; NAME@onnx without PyTorch.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="For all random numbers.")] = 0,
    width: Annotated[int | None, typer.Option("--width", metavar="N", help="Columns.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor keep vectors on disk.")] = False,
    no_pager: NoPager = False,
) -> None:
    """What an article quotes and says, held against documents: verbatim, elided, altered, not found."""
    _check_basis(basis)
    if seed < 0:
        raise OptionError(f"--seed {seed}: give a number from 0 up")
    columns = columns_of(width)
    outputs = _outputs({"json": json, "html": html, "markdown": markdown})
    from compare.checking import check
    from compare.report.checked import render_text

    with progress() as say:
        found = check(
            article,
            docs,
            basis=basis,  # type: ignore[arg-type]
            meaning=not words_only,
            model=model,
            seed=seed,
            cache=not no_cache,
            progress=say,
        )
        makers = {"json": found.to_json, "html": found.to_html, "markdown": found.to_markdown}
        # All are made before the first is written.
        texts = {name: makers[name]() for name in outputs}
    _print_notices([found.article, *found.texts])
    for name, text in texts.items():
        write_file(outputs[name], text)
    if json == "-":
        _print_whole(found.to_json())
        return
    show_paged(render_text(found, columns, *_terminal(columns)), not no_pager)


@app.command()
def tone(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help='A sentence a line, or JSON lines with "text"; - is standard input.')
    ],
    dimensions: Annotated[
        str | None, typer.Option("--tone", metavar="FILE", help="Dimensions of tone, as TOML.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME", help="Encoder for all lines.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor keep vectors on disk.")] = False,
) -> None:
    """Tone scores of any sentences, one JSON line each."""
    import json

    from compare.cache import ArrayCache
    from compare.documents.plain import decode
    from compare.encoders import ENGLISH, MULTILINGUAL, Encoder, find_model
    from compare.places import cache_folder
    from compare.tone import ToneScorer, score_lines
    from compare.tone_file import load_dimensions

    name = "standard input" if file == "-" else file
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise OptionError(f"{printable(file)}: cannot be read ({error.strerror}); give a file of sentences") from None
    lines = decode(data, name).splitlines() if data.strip() else []
    if not any(line.strip() for line in lines):
        raise OptionError(f"{printable(name)}: no sentence in it; give one a line")
    spec = load_dimensions(Path(dimensions) if dimensions is not None else None)
    store = ArrayCache(None if no_cache else cache_folder() / "vectors.sqlite")
    scorer: dict[str, ToneScorer] = {}
    for language, usual in (("en", ENGLISH), ("zh", MULTILINGUAL)):
        scorer[language] = ToneScorer(spec, Encoder(find_model(model or usual), store).encode)
    for row in score_lines(lines, scorer, printable(name)):
        sys.stdout.buffer.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()


# Pieces


def _print_whole(text: str) -> None:
    """Text on standard output as UTF-8, whatever the terminal: what a program reads."""
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def _print_notices(read: Iterable[Document | Reading]) -> None:
    for one in read:
        for notice in one.notices:
            print(f"note: {notice}", file=sys.stderr)


def _print_set_aside(comparison: Comparison) -> None:
    """Documents that could not be taken in: also who reads nothing but figures must know."""
    lost = comparison.collection.set_aside if comparison.collection is not None else ()
    for one in lost[:_TOLD]:
        print(f"note: {printable(one.name)} is set aside: {one.reason}", file=sys.stderr)
    if len(lost) > _TOLD:
        print(f"note: {len(lost) - _TOLD:,} more are set aside; the JSON names them all", file=sys.stderr)


def _terminal(columns: int) -> tuple[bool, Any]:
    """Whether the terminal shows ASCII alone, and its colours if they are wanted."""
    console = console_of(columns)
    colours = None if os.environ.get("NO_COLOR") else console.color_system
    return not console.encoding.lower().startswith("utf"), colours


def _print_lines(lines: Iterable[Text], columns: int) -> None:
    console = console_of(columns)
    for line in lines:
        # Lines are cut to the width already; rich would wrap them once more at characters of unclear width.
        console.print(line, no_wrap=True, overflow="ignore", crop=False)


def _outputs(given: dict[str, str | None]) -> dict[str, Path]:
    """Files and the folder to be written, each refused now if it cannot be."""
    made = {name: Path(path) for name, path in given.items() if path is not None and (name, path) != ("json", "-")}
    for name, path in made.items():
        check = check_folder_writable if name == "csv" else check_writable
        check(path)
    names = list(made)
    for i, name in enumerate(names):
        for other in names[:i]:
            if made[name].absolute() == made[other].absolute():
                raise OptionError(f"--{other} and --{name}: both name {printable(str(made[name]))}; give each its own")
    return made


def _made(
    comparison: Comparison,
    outputs: dict[str, Path],
    columns: int,
    detail: Detail,
    sections: tuple[str, ...],
    say: Callable[[str, int, int], None] | None,
) -> dict[str, str | dict[str, str]]:
    """What is to stand in each output: a text, or texts by file name."""
    from compare.report.terminal import render_svg

    makers: dict[str, Callable[[], str | dict[str, str]]] = {
        "json": comparison.to_json,
        "html": comparison.to_html,
        "markdown": lambda: comparison.to_markdown(detail, sections),
        "svg": lambda: render_svg(comparison, columns, detail, sections),
        "csv": comparison.to_csv,
    }
    made = {}
    for number, name in enumerate(outputs):
        if say is not None:
            say(f"making {name}", number, len(outputs))
        made[name] = makers[name]()
    return made


def _check_basis(basis: str) -> None:
    if basis not in {"auto", "official", "digest"}:
        raise OptionError(f"--basis {printable(basis)}: use auto, official or digest")


def _fetch_first(docs: Sequence[str]) -> None:
    """Try the official sources of documents that have no official text at hand; say so where they do not answer."""
    from compare.catalogue import catalogue
    from compare.errors import FetchError
    from compare.fetch import fetch_all

    known = catalogue()
    entries = [known[doc] for doc in docs if doc in known and known[doc].fetchable and known[doc].official() is None]
    if not entries:
        return
    with transfers() as say:
        results = fetch_all(entries, FETCH_SECONDS, say)
    for result in results.values():
        if isinstance(result, FetchError):
            print(f"note: {result}; going on with what is at hand", file=sys.stderr)


def _arguments(given: Sequence[str]) -> list[str]:
    """The arguments, with "report" where no command is named and a value where --json has none."""
    arguments = list(given)
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in {"--help", "--version", "-h"}):
        arguments.insert(0, "report")
    if arguments[0] not in {"report", "calibrate", "search", "quotes"}:
        return arguments
    made: list[str] = []
    for i, argument in enumerate(arguments):
        made.append(argument)
        if argument == "--json":
            following = arguments[i + 1] if i + 1 < len(arguments) else ""
            if not _is_output(following):
                made[-1] = "--json=-"
    return made


def _is_output(argument: str) -> bool:
    """Whether what follows --json is its FILE, and not an option or a document."""
    from compare.catalogue import catalogue

    if argument == "-" or argument.lower().endswith(".json"):
        return True
    if not argument or argument.startswith("-") or argument in catalogue() or "://" in argument:
        return False
    return not Path(argument).is_file() or Path(argument).suffix == ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done, 2 the input is wrong, 130 interrupted.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.
    """
    codecs.register_error("policy-compare-plain", plainly)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="policy-compare-plain")
    try:
        code = app(
            _arguments(sys.argv[1:] if arguments is None else arguments),
            standalone_mode=False,
            prog_name="policy-compare",
        )
        sys.stdout.flush()
        if code == 130:
            # Typer answers an interrupt itself, without a word.
            _fail("interrupted", 130)
        sys.exit(code if isinstance(code, int) else 0)
    except PolicyCompareError as error:
        _fail(str(error), error.exit_code)
    except _UsageError as error:
        _fail(f"{error.format_message().rstrip('.')}; see: policy-compare {_command(error)}--help", 2)
    except (KeyboardInterrupt, typer.Abort):
        _fail("interrupted", 130)
    except (BrokenPipeError, SystemExit) as error:
        # Typer and rich make exit code 1 of a broken pipe.
        if isinstance(error, SystemExit) and not isinstance(error.__context__, BrokenPipeError):
            raise
        # The reader has had enough; what is still buffered goes nowhere.
        _give_up_output()
        sys.exit(0)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise
        _give_up_output()
        _fail(f"there is no room for what was to be written ({error.strerror}); make room, or write elsewhere", 2)


def _give_up_output() -> None:
    """Let what is still buffered for standard output go nowhere, or its last flush would fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _command(error: Any) -> str:
    name = error.ctx.info_name if error.ctx is not None else None
    return f"{name} " if name and name != "policy-compare" else ""


def _fail(line: str, code: int) -> None:
    print(f"policy-compare: {' '.join(line.split())}", file=sys.stderr)
    beside = sys.modules.get("compare.beside")
    if beside is not None and beside.at_work():
        # A library's thread that Python stops on its way out may take the process down with another code.
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
