"""A few thousand cases that nobody thought of; ``make fuzz`` goes on where these end."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from fuzzing.answers import check_answer
from fuzzing.configs import check_config
from fuzzing.files import check_file
from fuzzing.sockets import check_socket
from products import PRODUCTS

every_product = pytest.mark.parametrize("exchange", PRODUCTS)


@every_product
def test_any_config_becomes_requests_by_the_contract_or_a_refusal_that_names_a_field(exchange: str) -> None:
    outcomes = Counter(check_config(exchange, seed) for seed in range(600))
    assert outcomes["sent"] > 200
    assert len(outcomes) > 10


@every_product
def test_any_answer_is_a_result_or_a_typed_error(exchange: str) -> None:
    outcomes = Counter(check_answer(exchange, seed) for seed in range(1500))
    assert outcomes["a result"] > 300
    assert outcomes["VenueUnavailableError"] > 300
    assert len(outcomes) > 4


def test_any_file_holds_follows_or_is_an_error_that_says_where(tmp_path: Path) -> None:
    outcomes = Counter(check_file(seed, tmp_path) for seed in range(600))
    assert outcomes["read"] > 50
    assert len(outcomes) > 10


async def test_any_bytes_on_the_socket_are_an_answer_or_a_lost_one() -> None:
    outcomes = await check_socket(range(300))
    assert outcomes["an answer"] > 30
    assert outcomes["a lost answer"] > 30


def test_a_case_is_the_same_each_time() -> None:
    assert [check_answer("xt", seed) for seed in range(99)] == [check_answer("xt", seed) for seed in range(99)]
