"""Does a subject that one document alone has come out as its own theme, without company from the other?

    python tests/benchmarks/planted.py

A section of twelve sentences is planted into the middle of one of two documents, and the two are compared: five
subjects, three foreign to AI policy and two of it, into either document of each pair. The pairs are the digests of the
main job and, where the official files are at hand, the US plan with Japan's and with AI Plus. A subject is found if one
theme holds at least eight of ten of its sentences and these are two thirds of what the document has in it; it is kept
apart if the other document's share in the theme is not above its noise floor, and not above two per cent. Beside it:
how many of the planted sentences are said to meet nothing in the other document.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from compare.comparison import compare, load_documents
from compare.documents import Document, Passage
from compare.errors import PolicyCompareError

FOREIGN = {
    "Beekeeping": (
        "The ministry shall register every apiary and publish the number of hives by district each spring.",
        "Beekeepers will receive grants for frames, extractors and winter feed.",
        "Varroa mites destroy colonies, and treatment must be coordinated among neighbours.",
        "Honey sold under the national seal shall be tested for added syrup.",
        "Orchards are to plant flowering strips so that bees find forage after the blossom.",
        "Queen breeding stations should share stock that is gentle and resistant.",
        "Pesticide spraying at noon is forbidden while fields are in bloom.",
        "A swarm line will be open day and night in towns.",
        "Wax and propolis are to be recognised as products of agriculture.",
        "Young keepers shall be trained by associations over two seasons.",
        "Losses of colonies in winter are to be counted and explained each March.",
        "Wild bees need nesting banks of bare sand along railways.",
    ),
    "Lighthouses and buoys": (
        "Every lighthouse on the northern coast shall be repainted within four years.",
        "Fog horns are kept where fishing crews ask for them.",
        "Buoys that drift in storms must be put back within two days.",
        "Keepers' cottages will be let to visitors, and the rent shall pay for repairs.",
        "The lantern lenses of cut glass are to be protected as monuments.",
        "Lightships out of use should be given to harbour museums.",
        "Leading lights at river mouths are to be checked each autumn.",
        "Ice damages piers, and stone must be stored nearby for repairs.",
        "Mariners shall be told of any light that has failed by radio notice.",
        "Solar lamps will replace oil on remote skerries.",
        "Channel marks must follow the sandbanks as they move.",
        "A fund for towers in danger of falling into the sea is to be set up.",
    ),
    "School meals": (
        "Every pupil shall have a warm lunch on each day of school.",
        "Kitchens will cook with vegetables from farms in the district.",
        "Parents may pay by term, and poor families pay nothing.",
        "Sweet drinks are to leave the canteens within a year.",
        "Cooks should be trained in allergies and in feeding small children.",
        "Breakfast clubs open at seven where parents work early.",
        "Water fountains are to be put into each corridor.",
        "Menus will be shown two weeks ahead.",
        "Leftovers shall be weighed and go to compost.",
        "Fish is to be served once a week.",
        "Inspectors visit each canteen twice a year unannounced.",
        "Dining halls need more seats, so that nobody eats standing.",
    ),
}
OF_AI = {
    "Weather forecasting with AI": (
        "The weather service will train forecasting models on sixty years of radar records.",
        "Storm warnings issued by models must be checked by a duty meteorologist.",
        "Ocean buoys and balloons feed the new forecasting system.",
        "Farmers shall receive rain forecasts for each field by phone.",
        "Forecast models of neighbouring services should be compared every season.",
        "Supercomputers of the weather service are to be renewed for machine learning forecasts.",
        "Errors of avalanche forecasts are published each spring.",
        "Hail, fog and black ice remain hard to predict and need denser sensors.",
        "Airports will use fog forecasts made by models at dawn.",
        "Archives of ship logs are to be scanned for old weather observations.",
        "Flood forecasts reach mayors two days ahead.",
        "A prize rewards the best seasonal forecast of drought.",
    ),
    "AI at sea": (
        "Harbour pilots shall be assisted by algorithms that read currents.",
        "Autonomous ferries may cross the sound in daylight.",
        "Fishing vessels report catches through cameras that count fish.",
        "Coast guards use models to find drifting boats.",
        "Ship routes are planned by AI to save fuel.",
        "Crews need training before bridges are automated.",
        "Shipyards will weld hulls with robots.",
        "Insurance for unmanned vessels must be settled.",
        "Sonar images are to be labelled for the search of wrecks.",
        "Lighthouse data feed the navigation models.",
        "Collisions of autonomous ships are investigated by the maritime board.",
        "Ports schedule cranes with learning systems.",
    ),
}
US = "us-ai-action-plan-2025"
PAIRS = (
    (US, "cn-global-ai-governance-action-plan-2025", "digest"),
    (US, "jp-ai-basic-plan-2026", "official"),
    (US, "cn-ai-plus-opinions-2025", "official"),
)


def planted(document: Document, name: str, sentences: tuple[str, ...]) -> Document:
    """The document with a section more, at the boundary of sections nearest to its middle."""
    passages = document.passages
    middle = len(passages) // 2
    at = next(i for i in range(middle, 0, -1) if passages[i].section != passages[i - 1].section)
    new = [Passage(0, text, section=(name,), paragraph=100_000 + i) for i, text in enumerate(sentences)]
    made = [*passages[:at], *new, *passages[at:]]
    return replace(
        document,
        passages=tuple(replace(passage, order=i) for i, passage in enumerate(made)),
        sha256=f"{document.sha256[:40]}{name.encode().hex():0<24.24}",
    )


def main() -> int:
    for kind, subjects in (("foreign to AI policy", FOREIGN), ("of AI policy", OF_AI)):
        found, apart, runs, silent = 0, 0, 0, []
        for first, second, basis in PAIRS:
            try:
                pair = load_documents([first, second], basis)
            except PolicyCompareError as error:
                print(f"{first}, {second}: {error}")
                continue
            for name, sentences in subjects.items():
                for into in (0, 1):
                    documents = list(pair)
                    documents[into] = planted(pair[into], name, sentences)
                    compared = compare(documents)
                    own = {i: row for i, row in enumerate(compared.rows) if row.document == documents[into].id}
                    new = {i: row for i, row in own.items() if row.passage.section == (name,)}
                    alone = {item.row for item in compared.counterpart_results if item.silent}
                    silent += [i in alone for i in new]
                    counts = {t.id: sum(row.theme == t.id for row in new.values()) for t in compared.theme_results}
                    theme = max(compared.theme_results, key=lambda t: counts[t.id])
                    inside, size = counts[theme.id], sum(row.theme == theme.id for row in own.values())
                    share = theme.shares[documents[1 - into].id].value
                    is_found = inside >= 0.8 * len(new) and 3 * inside >= 2 * size
                    is_apart = share <= min(theme.differences[0].difference.floor, 0.02)
                    runs, found, apart = runs + 1, found + is_found, apart + (is_found and is_apart)
                    if not (is_found and is_apart):
                        print(
                            f"  {name} in {documents[into].short}, beside {documents[1 - into].short}: {inside} of "
                            f"{len(new)} in a theme of {size}, other document {100 * share:.1f} %"
                        )
        share = sum(silent) / max(len(silent), 1)
        said = f"{share:.0%} of their sentences meet nothing"
        print(f"subjects {kind}: found {found} of {runs}, and kept apart {apart}; {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
