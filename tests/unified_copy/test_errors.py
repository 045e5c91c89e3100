"""Each error says what happened, and each class what the caller may conclude."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable

import pytest

from unified_copy import FollowSettings, errors
from unified_copy.errors import (
    AdapterError,
    ConfigError,
    CredentialsError,
    Difference,
    OutcomeUnknownError,
    RateLimitedError,
    SettingsRejectedError,
    TransportError,
    UnifiedCopyError,
    UnknownExchangeError,
    UnsupportedError,
    VenueError,
    VenueUnavailableError,
    VerificationError,
)
from unified_copy.wire import Request

CLASSES = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, Exception)]
REQUEST = Request("POST", "/follow", "", {"Authorization": "hidden"}, b'{"hidden":1}')
SHOWN = FollowSettings(exchange="xt", leader_id="1", active=True)
DIFFERENCE = Difference("stop_loss", "0.2", "nothing")

NOTHING_SENT = {"ConfigError", "UnsupportedError", "UnknownExchangeError", "AdapterError", "CredentialsError"}
VENUE_SAID_NO = {
    "AuthenticationError",
    "AccessDeniedError",
    "ClockError",
    "RateLimitedError",
    "LeaderUnavailableError",
    "AlreadyFollowingError",
    "NotFollowingError",
    "SettingsRejectedError",
    "InsufficientFundsError",
    "OpenPositionsError",
    "AccountModeError",
    "VenueUnavailableError",
}


def test_the_tree_has_the_documented_classes() -> None:
    others = {"UnifiedCopyError", "VenueError", "TransportError", "VerificationError", "OutcomeUnknownError"}
    assert {cls.__name__ for cls in CLASSES} == NOTHING_SENT | VENUE_SAID_NO | others


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_can_be_caught_as_one_of_this_library(cls: type[Exception]) -> None:
    assert issubclass(cls, UnifiedCopyError)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_says_in_a_sentence_what_to_conclude(cls: type[Exception]) -> None:
    sentence = inspect.getdoc(cls)
    assert sentence is not None
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert len(sentence.split()) > 5


@pytest.mark.parametrize("name", sorted(NOTHING_SENT))
def test_an_error_after_which_nothing_was_sent_says_so(name: str) -> None:
    assert (inspect.getdoc(getattr(errors, name)) or "").startswith("Nothing was sent: ")


@pytest.mark.parametrize("name", sorted(VENUE_SAID_NO))
def test_what_the_venue_refused_can_be_caught_as_one(name: str) -> None:
    assert issubclass(getattr(errors, name), VenueError)


def test_an_unsupported_wish_is_an_error_of_the_config() -> None:
    assert issubclass(UnsupportedError, ConfigError)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ConfigError("sizing", "is wrong"), "sizing: is wrong"),
        (ConfigError("sizing", "is wrong", "xt"), "xt: sizing: is wrong"),
        (
            UnknownExchangeError("bitgt", ("bitget",)),
            "no adapter for exchange 'bitgt'; did you mean: bitget",
        ),
        (
            UnknownExchangeError("bitgt", ()),
            "no adapter for exchange 'bitgt'; did you mean: none: no adapter is installed",
        ),
        (AdapterError("third", "is broken"), "adapter third: is broken"),
        (CredentialsError("xt", "no credentials"), "xt: no credentials"),
        (TransportError("xt", "no connection"), "xt: no connection; nothing was sent"),
        (VenueError("xt", "7", "", "words"), "xt refused with 7: not documented (words)"),
        (VenueError("xt", "7", "too old"), "xt refused with 7: too old"),
        (VenueError("xt", "7", "too old", "too old"), "xt refused with 7: too old"),
        (
            SettingsRejectedError("xt", "7", "too small", "min 10", 200, "sizing"),
            "xt refused with 7: too small (min 10) [sizing]",
        ),
        (VenueUnavailableError("xt", "HTTP 502", "broken"), "xt gave no usable answer, HTTP 502: broken"),
        (VenueUnavailableError("xt", "9", "busy", "later"), "xt gave no usable answer, 9: busy (later)"),
        (
            VerificationError("xt", (DIFFERENCE,)),
            "xt said yes and shows something else: stop_loss: wanted 0.2, shown nothing",
        ),
        (
            OutcomeUnknownError("xt", REQUEST, "no answer"),
            "xt: POST /follow: outcome unknown, no answer; the state could not be read back",
        ),
        (
            OutcomeUnknownError("xt", REQUEST, "no answer", SHOWN, (DIFFERENCE,)),
            "xt: POST /follow: outcome unknown, no answer; reading back shows: stop_loss: wanted 0.2, shown nothing",
        ),
        (
            OutcomeUnknownError("xt", REQUEST, "no answer", SHOWN),
            (
                "xt: POST /follow: outcome unknown, no answer; what reads back is as wanted, and part of it "
                "cannot be read"
            ),
        ),
    ],
)
def test_an_error_says_what_happened_in_one_line(error: Exception, text: str) -> None:
    assert str(error) == text


def test_an_unknown_outcome_shows_no_header_and_no_body() -> None:
    assert "hidden" not in repr(OutcomeUnknownError("xt", REQUEST, "no answer"))


@pytest.mark.parametrize(
    "build",
    [
        lambda: ConfigError("sizing", "is wrong", "xt"),
        lambda: UnknownExchangeError("bitgt", ("bitget",)),
        lambda: RateLimitedError("xt", "429", "too many", retry_after=2.0),
        lambda: VerificationError("xt", (DIFFERENCE,)),
    ],
)
def test_an_error_survives_pickling(build: Callable[[], Exception]) -> None:
    error = build()
    restored = pickle.loads(pickle.dumps(error))  # noqa: S301 (what it reads is what the test wrote)
    assert (type(restored), str(restored)) == (type(error), str(error))


def test_a_refusal_for_the_rate_need_not_say_how_long_to_wait() -> None:
    assert RateLimitedError("xt", "429", "too many").retry_after is None
