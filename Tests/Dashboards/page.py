"""Looks at a page of `bourse dashboards --html`: whole, asks nobody, each panel of each dashboard drawn and none with an error.

  page.py <file> [<dashboard> ...]: of all dashboards, or of those.
"""

import html.parser
import re
import sys

import grafana

VOID = {"meta", "br"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.anchors, self.links, self.titles, self.scripts = [], set(), set(), [], 0
        self.faults, self.fetched, self.drawings = [], [], 0

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        if tag not in VOID:
            self.open.append((tag, names.get("class", "")))
        self.scripts += tag == "script"
        self.drawings += tag == "svg"
        if "id" in names:
            self.anchors.add(names["id"])
        if "href" in names:
            self.links.add(names["href"])
        self.fetched += [name for name in names if name in ("src", "srcset", "data", "action") or name.startswith("on")]

    def handle_endtag(self, tag):
        opened, _ = self.open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "figcaption":
            self.titles.append(data)
        if ("p", "fault") in self.open:
            self.faults.append(data)


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    boards = {name: board for name, board in grafana.boards().items() if not sys.argv[2:] or name in sys.argv[2:]}
    wanted = [panel["title"] for board in boards.values() for panel in grafana.panels(board)]
    page = Page()
    page.feed(text)
    assert not page.open and page.scripts == 1, (page.open, page.scripts)
    assert not page.faults, page.faults
    assert sorted(page.titles) == sorted(wanted), set(page.titles) ^ set(wanted)
    assert not page.fetched, page.fetched
    assert page.links <= {f"#{anchor}" for anchor in page.anchors}, page.links
    assert not re.search(r"https?://(?!www\.w3\.org/2000/)|@import|url\(", text), "an address"
    assert "default-src 'none'" in text
    assert len(text) < 4_000_000, len(text)
    print(f"{len(page.titles)} panels, {page.drawings} drawings, {len(text) // 1024} kB")


if __name__ == "__main__":
    main()
