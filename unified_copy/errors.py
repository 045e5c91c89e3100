"""Every error this library raises, in one tree that says what the caller may conclude.

The four branches answer the one question that matters after a failed call: did anything happen?
Nothing was sent, nothing arrived, the venue said no, or nobody knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unified_copy.wire import Request


class UnifiedCopyError(Exception):
    """Be the base of everything this library raises on purpose."""


# ------------------------------------------------------------------ nothing was sent


@attrs.define
class ConfigError(UnifiedCopyError):
    """Nothing was sent: a value is not valid; correct the named field and try again."""

    field: str
    """The config attribute, such as ``sizing`` or ``symbols[1].stop_loss``."""
    reason: str
    """What is wrong with the value, and what is allowed."""
    exchange: str | None = None
    """The exchange that cannot take it, or ``None`` where no exchange could."""

    def __str__(self) -> str:
        """Say exchange, field and reason in one line."""
        where = f"{self.exchange}: " if self.exchange else ""
        return f"{where}{self.field}: {self.reason}"


class UnsupportedError(ConfigError):
    """Nothing was sent: this exchange cannot do what the field asks; change the setting or the exchange."""


@attrs.define
class UnknownExchangeError(UnifiedCopyError):
    """Nothing was sent: no adapter has this name; pick one of the names given."""

    exchange: str
    nearest: tuple[str, ...]
    """Known names that look alike, best first; every known name where none does."""

    def __str__(self) -> str:
        """Name the exchange and the nearest known ones."""
        known = ", ".join(self.nearest) or "none: no adapter is installed"
        return f"no adapter for exchange {self.exchange!r}; did you mean: {known}"


@attrs.define
class AdapterError(UnifiedCopyError):
    """Nothing was sent: a plug-in is broken or its name is claimed twice; its owner is named."""

    adapter: str
    reason: str

    def __str__(self) -> str:
        """Name the adapter and what is wrong with it."""
        return f"adapter {self.adapter}: {self.reason}"


@attrs.define
class CredentialsError(UnifiedCopyError):
    """Nothing was sent: the credentials are missing or unusable; supply what is named."""

    exchange: str
    reason: str
    missing: tuple[str, ...] = ()
    """The environment variables that would have supplied them."""

    def __str__(self) -> str:
        """Name the exchange and what is missing."""
        return f"{self.exchange}: {self.reason}"


# ------------------------------------------------------------------ nothing arrived


@attrs.define
class TransportError(UnifiedCopyError):
    """Nothing arrived: no connection was established; it is safe to repeat the call."""

    exchange: str
    reason: str

    def __str__(self) -> str:
        """Name the exchange and the reason."""
        return f"{self.exchange}: {self.reason}; nothing was sent"


# ------------------------------------------------------------------ the venue said no


@attrs.define
class VenueError(UnifiedCopyError):
    """The venue refused, in its own words; nothing changed there."""

    exchange: str
    code: str
    """The venue's own code, or the HTTP status where the answer carried none."""
    meaning: str
    """What the venue documents the code to mean; empty where it documents nothing."""
    venue_message: str = ""
    """The venue's message, as it came."""
    http_status: int | None = None
    field: str | None = None
    """The config attribute that the code speaks of, where it speaks of one."""
    retry_safe: bool = False
    """Whether the same call may be sent again unchanged, after a pause."""

    def __str__(self) -> str:
        """Say who refused, the code, its meaning, and the venue's words."""
        told = f" ({self.venue_message})" if self.venue_message not in {"", self.meaning} else ""
        where = f" [{self.field}]" if self.field else ""
        return f"{self.exchange} refused with {self.code}: {self.meaning or 'not documented'}{told}{where}"


class AuthenticationError(VenueError):
    """The venue refused the key, the passphrase or the signature; correct the credentials."""


class AccessDeniedError(VenueError):
    """The venue knows the key and forbids this: permission, IP binding, region or account state."""


class ClockError(VenueError):
    """The venue refused the timestamp; the clock here is off, and nothing was done."""


@attrs.define
class RateLimitedError(VenueError):
    """The venue refused because of too many requests; wait and call again."""

    retry_after: float | None = None
    """Seconds until the venue will listen again; ``None`` where it does not say."""


class LeaderUnavailableError(VenueError):
    """This leader cannot be followed: unknown, full, suspended or closed to you."""


class AlreadyFollowingError(VenueError):
    """The venue refused because the follow exists already; read its settings."""


class NotFollowingError(VenueError):
    """The venue refused because there is no such follow."""


class SettingsRejectedError(VenueError):
    """The venue refused a value; ``field`` names it where the code tells."""


class InsufficientFundsError(VenueError):
    """The venue refused because the account lacks the money."""


class OpenPositionsError(VenueError):
    """The venue refused because of positions or orders: open, missing, or in the wrong state."""


class AccountModeError(VenueError):
    """The venue refused because the account is of a kind or in a mode that cannot do this."""


class VenueUnavailableError(VenueError):
    """The venue gave no usable answer to a read; nothing was changed, so call again later."""

    def __str__(self) -> str:
        """Say who did not answer, and how."""
        told = f" ({self.venue_message})" if self.venue_message else ""
        return f"{self.exchange} gave no usable answer, {self.code}: {self.meaning or 'not documented'}{told}"


# ------------------------------------------------------------------ the venue said yes and shows something else


@attrs.frozen
class Difference:
    """Name one field that reads back different."""

    field: str
    wanted: str
    shown: str

    def __str__(self) -> str:
        """Say what was wanted and what is shown."""
        return f"{self.field}: wanted {self.wanted}, shown {self.shown}"


@attrs.define
class VerificationError(UnifiedCopyError):
    """The venue said yes and shows something else, and what it shows is in force; look before you repeat."""

    exchange: str
    differences: tuple[Difference, ...]
    """Each field that reads back different, with what was wanted and what is shown."""

    def __str__(self) -> str:
        """Name every difference."""
        told = "; ".join(str(difference) for difference in self.differences)
        return f"{self.exchange} said yes and shows something else: {told}"


# ------------------------------------------------------------------ nobody knows


@attrs.define
class OutcomeUnknownError(UnifiedCopyError):
    """Nobody knows whether the write took effect; read the state before sending anything again."""

    exchange: str
    request: Request
    """The request as it was before signing, so that it holds no secret."""
    cause: str
    """Why the answer is not known."""
    observed: object = None
    """What the venue showed afterwards, such as ``FollowSettings``; ``None`` where it could not be read."""
    differences: Sequence[Difference] = ()
    """How what was observed differs from what was wanted."""

    def __str__(self) -> str:
        """Say what was sent, why the outcome is unknown, and what was seen since."""
        if self.observed is None:
            seen = "the state could not be read back"
        elif self.differences:
            seen = "reading back shows: " + "; ".join(map(str, self.differences))
        else:
            seen = "what reads back is as wanted, and part of it cannot be read"
        return f"{self.exchange}: {self.request.method} {self.request.path}: outcome unknown, {self.cause}; {seen}"
