"""What can be asked of a PDF: its text, its language and title, and what a screen reader is told."""

import os
from collections import Counter
from collections.abc import Iterator
from io import BytesIO

import pikepdf
import pytest
from pypdf import PdfReader

from housing_ach.shared.pdf_libraries import missing_packages

# Root gets the libraries by bin/setup: there nothing is skipped.
needs_libraries = pytest.mark.skipif(
    bool(missing_packages()) and os.geteuid() != 0,
    reason=f"no PDF without {', '.join(missing_packages())}; as root bin/setup installs them",
)


class Paper:
    def __init__(self, content: bytes) -> None:
        self.pdf = pikepdf.open(BytesIO(content))
        self.tree = self.pdf.Root.StructTreeRoot

    @property
    def language(self) -> str:
        return str(self.pdf.Root.Lang)

    @property
    def title(self) -> str:
        return str(self.pdf.docinfo["/Title"])

    @property
    def is_tagged(self) -> bool:
        return bool(self.pdf.Root.MarkInfo.Marked)

    @property
    def claims_ua(self) -> bool:
        with self.pdf.open_metadata() as metadata:
            return metadata.get("pdfuaid:part") == "1"

    @property
    def tags(self) -> Counter[str]:
        return Counter(str(node["/S"]) for node in self._nodes())

    @property
    def alternatives(self) -> list[str]:
        """What a screen reader says for each figure."""
        return [str(node.get("/Alt", "")) for node in self._nodes() if node["/S"] == "/Figure"]

    def _nodes(self) -> Iterator[pikepdf.Dictionary]:
        waiting = [self.tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, pikepdf.Array):
                waiting.extend(node)
            elif isinstance(node, pikepdf.Dictionary):
                if "/S" in node:
                    yield node
                if "/K" in node:
                    waiting.append(node["/K"])


def text_of(content: bytes) -> str:
    """All words in one line, as they are read."""
    pages = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())
