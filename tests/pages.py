"""Pages read back: a strict reader of HTML, and a browser where there is one."""

import shutil
import subprocess
from html.parser import HTMLParser

VOID = {"meta", "br", "hr"}
ADDRESSES = ("https://", "http://", "mailto:", "#")


class Page(HTMLParser):
    """Tags that do not nest, and everything that could be active, end in an error."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.links = [], [], [], []
        self.words = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        assert tag not in {"script", "img", "iframe", "object", "embed", "form", "link", "base"}
        if tag not in VOID:
            self.open.append(tag)
        self.tags.append((tag, dict(attributes)))
        for name, value in attributes:
            assert not name.startswith("on") and name not in {"src", "style", "srcdoc"}, name
            if name == "id":
                assert value not in self.ids
                self.ids.append(value)
            if name == "href":
                assert value.startswith(ADDRESSES), value
                self.links.append(value)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        assert tag in VOID, tag

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())

    def count(self, tag, name=""):
        return sum(
            one == tag and (not name or name in (attributes.get("class") or "").split())
            for one, attributes in self.tags
        )


def browser():
    """The path of a browser of the Chromium family, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


def drawn(path, *options):
    """What a browser without a window prints for a file, with its own folder for settings."""
    settings = path.parent / "browser"
    fixed = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={settings}"]
    command = [browser(), *fixed, *options, path.as_uri()]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120).stdout
