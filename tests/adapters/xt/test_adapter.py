"""What XT's adapter refuses to ask."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from unified_copy import Adapter
from unified_copy.errors import ConfigError


@pytest.mark.parametrize("generation", ["v4", "v1"])
@pytest.mark.parametrize("leader_id", ["abc", "0", "007", "-1", str(2**63), "7c6525121a9"])
def test_settings_of_what_can_be_no_account_are_refused_before_anything_is_asked(
    adapter_with: Callable[..., Adapter], generation: str, leader_id: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        next(iter(adapter_with("xt", generation=generation).settings(leader_id)))
    assert (caught.value.field, caught.value.exchange) == ("leader_id", "xt")
