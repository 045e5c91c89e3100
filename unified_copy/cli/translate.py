"""Show what would be sent, for every follow that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unified_copy.cli import output
from unified_copy.cli.json_data import translation_data
from unified_copy.cli.outcomes import Exit
from unified_copy.cli.requested import requested_follows, translations
from unified_copy.translation import Fate, Translation, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from unified_copy.cli.options import Arguments
    from unified_copy.wire import Request

_STYLES: Final[Mapping[Fate, str]] = {Fate.SENT: "green", Fate.LEFT_TO_VENUE: "yellow"}
_FLAGGED: Final = "bold yellow"
_QUIET: Final = "dim"


def run(arguments: Arguments, *, as_json: bool) -> int:
    """Translate every follow and print the translations; none of them is printed where one cannot be translated."""
    shown = translations(requested_follows(arguments))
    if as_json:
        output.document({"follows": [translation_data(translation) for translation in shown]})
    else:
        write_translations(output.stdout(), shown)
    return Exit.DONE


def write_translations(to: output.Output, shown: Iterable[Translation]) -> None:
    """Write what became of every field of each translation, and the requests as they would be sent."""
    for index, translation in enumerate(shown):
        if index:
            to.line()
        to.line(f"{translation.exchange}: {translation.form}", "bold")
        to.line()
        to.table(("field", "config", "outcome"), [*_rows(translation)])
        for request in translation.requests:
            to.line()
            write_request(to, request)


def write_request(to: output.Output, request: Request) -> None:
    """Write a request as it would be sent, unsigned."""
    to.line(f"{request.method} {request.target}", "bold")
    if request.body:
        to.line(request.body.decode())


def _rows(translation: Translation) -> Iterable[output.Row]:
    for name, fate in translation.fields.items():
        style = _FLAGGED if fate.undocumented and fate.sent else _STYLES.get(fate.fate, _QUIET)
        yield name, told(translation.config, name), output.Cell(str(fate), style)
