"""The same word, another meaning."""

from __future__ import annotations

from pathlib import Path

from compare.comparison import Comparison, compare

RIVER = {
    "Dykes": ("The bank of the river is raised by a metre.", "Willows hold the bank where the current is strong."),
    "Meadows": ("Cattle must not graze on the bank in spring.", "Floods wash soil from the bank into the stream."),
    "Fish": ("Anglers may stand on the bank until dusk.", "Trout lay their eggs under the shaded bank."),
    "Paths": ("A footpath follows the bank down to the weir.", "Boats are tied to posts along the bank."),
    "Erosion": ("Waves from boats eat away the bank.", "Stones are laid where the bank slides into the water."),
    "Ice": ("In winter ice grows out from the bank.", "Skaters leave the river at the low bank."),
    "Birds": ("Kingfishers dig their holes in the steep bank.", "Herons wait on the muddy bank."),
    "Bridges": ("Each pier stands a few metres from the bank.", "Engineers measure how far the bank has sunk."),
}
MONEY = {
    "Loans": ("The bank lends to farmers at a low rate.", "Every loan of the bank is checked by an auditor."),
    "Deposits": ("Savers keep their deposits in the bank.", "The bank pays interest on savings once a year."),
    "Branches": ("A branch of the bank opens in each county town.", "Cashiers of the bank are trained for two years."),
    "Capital": ("The treasury gives the bank fresh capital.", "Shares of the bank are held by the provinces."),
    "Mortgages": ("The bank holds the mortgage on the house.", "Buyers pay the bank back over thirty years."),
    "Coins": ("The bank counts coins by machine.", "Shops change large notes at the bank."),
    "Exchange": ("The bank sells foreign currency.", "Rates of the bank are posted at noon."),
    "Fraud": ("The bank freezes accounts that are used for fraud.", "Customers tell the bank of any stolen card."),
}
COMMON = {
    "Schools": ("Every school receives a new roof.", "Teachers are paid on the first day.", "Lessons begin at eight."),
    "Trains": ("Trains run on the northern line.", "A ticket is valid for one day.", "Stations get new clocks."),
    "Hospitals": ("Nurses work in three shifts.", "Each ward has a doctor at night.", "Medicines are kept cool."),
    "Energy": ("Wind turns sixty turbines.", "Cables lie under the road.", "Meters are read once a year."),
    "Housing": ("Flats are let to young families.", "Rents rise with wages.", "Old houses are insulated."),
    "Museums": ("Paintings are lent to other towns.", "Entry is free on Sundays.", "Guides speak two languages."),
    "Sport": ("Clubs share the new hall.", "The pool opens in May.", "Courses for beginners are cheap."),
    "Waste": ("Paper is collected on Mondays.", "Glass goes into green bins.", "Batteries are taken back by shops."),
    "Police": ("Officers walk through the old town.", "Cameras watch two squares.", "Calls are answered at once."),
}


def plan(folder: Path, name: str, sections: dict[str, tuple[str, ...]]) -> Path:
    file = folder / name
    file.write_text("# A plan\n\n" + "\n\n".join(f"## {k}\n\n{' '.join(v)}" for k, v in sections.items()), "utf-8")
    return file


def test_a_word_with_two_meanings_is_found(tmp_path: Path) -> None:
    found = compare([plan(tmp_path, "river.md", RIVER | COMMON), plan(tmp_path, "money.md", MONEY | COMMON)])
    word = next(item for item in found.meaning_results if item.term == "bank")
    assert word.q <= 0.05
    assert all(count == 16 for count in word.passages.values())
    for document, rows in word.evidence.items():
        assert all(found.rows[row].document == document and "bank" in found.rows[row].passage.text for row in rows)


def test_a_word_with_one_meaning_is_not(tmp_path: Path) -> None:
    """The sections of one text dealt to two plans: nothing in them is used in two ways."""
    halves = [dict(list(RIVER.items())[i::2]) | COMMON for i in (0, 1)]
    halves[0] |= {"Mills": ("A mill on the bank grinds the corn.", "Its wheel stands close to the bank.")}
    halves[1] |= {"Ferries": ("A ferry crosses from bank to bank.", "Ropes are fixed to trees on the bank.")}
    found = compare([plan(tmp_path, "one.md", halves[0]), plan(tmp_path, "two.md", halves[1])])
    assert [item.term for item in found.meaning_results if item.term == "bank"] == ["bank"]
    assert not [item.term for item in found.meaning_results if item.q <= 0.05]


def test_words_are_looked_at_in_one_language_only(comparison: Comparison, mixed: Comparison) -> None:
    assert mixed.meaning_results == ()
    assert all(0 < item.p <= item.q <= 1 for item in comparison.meaning_results)
