"""Credentials are found, checked, and never shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from rich.pretty import pretty_repr

from unified_copy import Credentials
from unified_copy.errors import CredentialsError

SECRETS = ("hidden-key", "hidden-secret", "hidden-phrase")


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(*SECRETS)


@pytest.mark.parametrize("show", [repr, str, format, pretty_repr], ids=["repr", "str", "format", "rich"])
def test_credentials_show_nothing_of_themselves(credentials: Credentials, show: Callable[[object], str]) -> None:
    assert "hidden" not in show(credentials)


def test_credentials_inside_another_value_show_nothing(credentials: Credentials) -> None:
    assert repr({"main": credentials}) == "{'main': Credentials(***)}"


def test_credentials_may_do_without_a_passphrase() -> None:
    assert Credentials("k", "s").passphrase is None


def test_credentials_cannot_be_changed(credentials: Credentials) -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        credentials.key = "other"  # type: ignore[misc]


@pytest.mark.parametrize("part", ["key", "secret", "passphrase"])
@pytest.mark.parametrize(
    "value", ["", "hidden value", "hidden\n", "hidden\r\nX: y", "hidden\x00", "hiddené", 12345, b"hidden"]
)
def test_credentials_that_could_not_stand_in_a_header_are_refused_unseen(part: str, value: object) -> None:
    given: dict[str, Any] = {"key": "k", "secret": "s", "passphrase": "p", part: value}
    with pytest.raises(CredentialsError) as caught:
        Credentials(**given)
    assert f"the {part} must be" in caught.value.reason
    assert "hidden" not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize("part", ["key", "secret"])
def test_credentials_need_key_and_secret(part: str) -> None:
    given: dict[str, Any] = {"key": "k", "secret": "s", part: None}
    with pytest.raises(CredentialsError):
        Credentials(**given)


def _set(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_credentials_come_from_the_variables_of_the_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, BITGET_API_KEY="k", BITGET_API_SECRET="s", BITGET_API_PASSPHRASE="p")
    assert Credentials.from_env("bitget") == Credentials("k", "s", "p")


@pytest.mark.parametrize("passphrase", [{}, {"XT_API_PASSPHRASE": ""}], ids=["absent", "empty"])
def test_a_passphrase_may_be_missing_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, passphrase: dict[str, str]
) -> None:
    _set(monkeypatch, XT_API_KEY="k", XT_API_SECRET="s", **passphrase)
    assert Credentials.from_env("xt") == Credentials("k", "s")


def test_a_product_uses_its_own_variables_first(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, BITGET_API_KEY="k", BITGET_API_SECRET="s", BITGET_API_PASSPHRASE="p")
    _set(monkeypatch, BITGET_SPOT_API_KEY="k2", BITGET_SPOT_API_SECRET="s2")
    assert Credentials.from_env("bitget-spot") == Credentials("k2", "s2")


def test_a_product_without_variables_of_its_own_uses_those_of_its_venue(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, BITGET_API_KEY="k", BITGET_API_SECRET="s", BITGET_API_PASSPHRASE="p")
    assert Credentials.from_env("bitget-spot") == Credentials("k", "s", "p")


def test_half_of_a_product_s_own_variables_is_not_completed_from_its_venue(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, BITGET_API_KEY="k", BITGET_API_SECRET="s", BITGET_SPOT_API_KEY="k2")
    with pytest.raises(CredentialsError) as caught:
        Credentials.from_env("bitget-spot")
    assert caught.value.missing == ("BITGET_SPOT_API_SECRET",)


def test_missing_variables_are_named() -> None:
    with pytest.raises(CredentialsError) as caught:
        Credentials.from_env("bitget-spot")
    assert caught.value.exchange == "bitget-spot"
    assert caught.value.missing == ("BITGET_SPOT_API_KEY", "BITGET_SPOT_API_SECRET")
    assert "set BITGET_SPOT_API_KEY and BITGET_SPOT_API_SECRET" in str(caught.value)


@pytest.mark.parametrize(("given", "missing"), [("KEY", "SECRET"), ("SECRET", "KEY")])
def test_the_half_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, given: str, missing: str) -> None:
    monkeypatch.setenv(f"XT_API_{given}", "hidden")
    with pytest.raises(CredentialsError) as caught:
        Credentials.from_env("xt")
    assert caught.value.missing == (f"XT_API_{missing}",)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_text_is_scrubbed_of_every_credential(credentials: Credentials, secret: str) -> None:
    assert credentials.scrubbed(f"bad {secret}, {secret}!") == "bad ***, ***!"


def test_a_text_is_scrubbed_without_a_passphrase() -> None:
    credentials = Credentials("hidden-key", "hidden-secret")
    assert credentials.scrubbed("hidden-key hidden-secret, nothing else") == "*** ***, nothing else"


def test_what_is_too_short_to_be_a_credential_is_not_looked_for_in_a_text() -> None:
    assert Credentials("k", "s", "p").scrubbed("a skipped key") == "a skipped key"
