"""The Spanish of what tenants read: found in the sources, kept in django.po, compiled at set-up.

GNU gettext is not needed. `python -m bin.stack.catalogues update` takes new texts into django.po, to be
translated there; without an argument django.po is compiled to where Django looks for it.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from bin.stack.assets import put
from bin.stack.places import BASE

LANGUAGE = "es"
SOURCE = BASE / "housing_ach" / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
COMPILED = BASE / "build" / "locale" / LANGUAGE / "LC_MESSAGES" / "django.mo"
HEADER = b"""\
msgid ""
msgstr ""
"Language: es\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
# Staff work in English.
STAFF = ("desk/", "admin/", "cases/", "reports/batch", "reports/day_end", "reports/_")
KEYWORDS = {
    "_": None,
    "later": None,
    "now_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
CALL = re.compile(r"""\b(?:\w*gettext|_)\((?:[^()'"]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*\)""")


def texts() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    """File, text (or its singular and plural) and context of all that tenants read."""
    for root, pattern in ((BASE / "templates", "*.*"), (BASE / "housing_ach", "*.py")):
        for path in sorted(root.rglob(pattern)):
            place = path.relative_to(root).as_posix()
            if not place.startswith(STAFF) and path.suffix in {".html", ".txt", ".py"}:
                for _line, text, _notes, context in extract("python", _code(path), KEYWORDS):
                    yield path.relative_to(BASE).as_posix(), text, context


def _code(path: Path) -> io.BytesIO:
    """Django turns a template into calls of gettext, between what is no Python."""
    source = path.read_text()
    if path.suffix != ".py":
        source = "\n".join(CALL.findall(templatize(source)))
    return io.BytesIO(source.encode())


def catalogue() -> Catalog:
    with SOURCE.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def update() -> None:
    """New texts come in untranslated, those nobody uses any more go."""
    found = Catalog(locale=LANGUAGE, project="HMS-ACH", fuzzy=False)
    for place, text, context in texts():
        found.add(text, locations=[(place, 0)], context=context)
    kept = catalogue() if SOURCE.exists() else Catalog(locale=LANGUAGE)
    kept.update(found, no_fuzzy_matching=True, update_header_comment=False)
    kept.obsolete.clear()
    written = io.BytesIO()
    write_po(written, kept, width=100, sort_by_file=True, omit_header=True, include_lineno=False)
    put(SOURCE, lambda name: Path(name).write_bytes(HEADER + written.getvalue()))


def compile_() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue())
    put(COMPILED, lambda name: Path(name).write_bytes(compiled.getvalue()))


if __name__ == "__main__":
    update() if sys.argv[1:] == ["update"] else compile_()
