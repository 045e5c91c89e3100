"""The key, secret and passphrase of one account, kept out of every repr and file."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import attrs

from unified_copy.errors import CredentialsError

if TYPE_CHECKING:
    from hmac import HMAC

SHORTEST: Final = 6
"""The length below which text cannot be told from a credential."""


def _checked(_instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401 (not yet checked)
    """Refuse what cannot stand in an HTTP header, without ever showing it."""
    if value is None and attribute.default is None:
        return
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable() or " " in value:
        reason = f"the {attribute.name} must be text of printable ASCII characters without spaces"
        raise CredentialsError("credentials", reason)


@attrs.frozen(repr=False)
class Credentials:
    """Hold what signs a request; shows nothing of itself.

    Raises ``CredentialsError`` for an empty value or one that could not stand in a header.
    """

    # Not in the repr field by field either: pretty printers go by that.
    key: str = attrs.field(validator=_checked, repr=False)
    secret: str = attrs.field(validator=_checked, repr=False)
    passphrase: str | None = attrs.field(default=None, validator=_checked, repr=False)

    def __repr__(self) -> str:
        """Show that there are credentials, and nothing else."""
        return "Credentials(***)"

    @classmethod
    def from_env(cls, exchange: str) -> Credentials:
        """Read ``<EXCHANGE>_API_KEY``, ``…_API_SECRET`` and, where set, ``…_API_PASSPHRASE``.

        Dashes become underscores. A product such as ``bitget-spot`` falls back to the variables of its venue,
        ``BITGET_…``, all three together. Raises ``CredentialsError`` naming the variables that are missing.
        """
        own = exchange.upper().replace("-", "_")
        for prefix in dict.fromkeys((own, own.partition("_")[0])):
            names = (f"{prefix}_API_KEY", f"{prefix}_API_SECRET")
            values = [os.environ.get(name, "") for name in names]
            if any(values):
                missing = tuple(name for name, value in zip(names, values, strict=True) if not value)
                if missing:
                    raise _missing(exchange, missing)
                key, secret = values
                return cls(key, secret, os.environ.get(f"{prefix}_API_PASSPHRASE") or None)
        raise _missing(exchange, (f"{own}_API_KEY", f"{own}_API_SECRET"))

    def hmac_sha256(self, message: bytes) -> bytes:
        """Return the HMAC-SHA256 of ``message`` under the secret as UTF-8 text."""
        digest = _prepared(self.secret).copy()
        digest.update(message)
        return digest.digest()

    def scrubbed(self, text: str) -> str:
        """Return ``text`` with every occurrence of a credential redacted.

        One that is shorter than any exchange gives out is left alone: it would redact words and digits.
        """
        for value in (self.secret, self.passphrase, self.key):
            if value and len(value) >= SHORTEST:
                text = text.replace(value, "***")
        return text


@lru_cache(maxsize=1024)
def _prepared(secret: str) -> HMAC:
    """Return the keyed hash before any message, so that its two key blocks are hashed once per secret."""
    import hmac  # noqa: PLC0415 (3 ms that `import unified_copy` can do without)

    return hmac.new(secret.encode(), digestmod="sha256")


def _missing(exchange: str, names: tuple[str, ...]) -> CredentialsError:
    return CredentialsError(exchange, f"no credentials: set {' and '.join(names)}, or pass credentials=", names)
