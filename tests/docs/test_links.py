"""What the documents point at is there."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"```.*?```", re.DOTALL)
PLACES = re.compile(r"`([\w-]+(?:/[\w.-]+)+)`")  # files and folders


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


def broken(page: Path) -> list[str]:
    wrong = []
    for link in LINK.findall(FENCED.sub("", page.read_text())):
        path, _, anchor = link.partition("#")
        if ":" in link or link.startswith("/"):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            wrong.append(f"{page.relative_to(ROOT)}: {link}")
    return wrong


def test_every_link_leads_somewhere():
    assert [link for page in PAGES for link in broken(page)] == []


def test_every_decision_stands_in_the_list():
    listed = (ROOT / "docs/adr/README.md").read_text()
    assert [page.name for page in (ROOT / "docs/adr").glob("0*.md") if f"({page.name})" not in listed] == []


def test_every_file_of_ours_that_is_named_is_there():
    ours = {entry.name for entry in ROOT.iterdir() if entry.is_dir()}
    named = {(page, place) for page in PAGES for place in PLACES.findall(page.read_text())}
    wrong = {
        f"{page.relative_to(ROOT)}: {place}"
        for page, place in named
        if place.split("/")[0] in ours and not (ROOT / place).exists() and not (ROOT / "templates" / place).exists()
    }
    assert wrong == set()
