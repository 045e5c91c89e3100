"""Adapters are found by name, imported when used, and refused in words when they are broken."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest

from unified_copy import Adapter, Credentials, FollowConfig, FollowSettings, exchanges, load_adapter, register
from unified_copy.adapter import Call, option
from unified_copy.errors import AdapterError, ConfigError, UnknownExchangeError
from unified_copy.fields import Fields, sent
from unified_copy.plugins import Offer, offers
from unified_copy.registry import resolve, unregister
from unified_copy.wire import Request

Install = Callable[..., None]

SOURCE = """
from typing import ClassVar
import attrs
from unified_copy import Adapter
from unified_copy.fields import sent

@attrs.frozen(kw_only=True)
class Plugin(Adapter):
    adapter_api = 1
    name = "{name}"
    hosts = {hosts}
    forms = {forms}

    def follow(self, config, known):
        raise NotImplementedError

    def sign(self, request, credentials, *, now_ms):
        raise NotImplementedError
"""
GOOD = {"name": "NAME", "hosts": '("https://api.moonex.example",)', "forms": '{"only": {"leader_id": sent("l")}}'}
NUMBERS = itertools.count(1)


@attrs.frozen(kw_only=True)
class Sunex(Adapter):
    """Stand for the adapter of a stranger."""

    adapter_api: ClassVar[int] = 1
    name: ClassVar[str] = "sunex-spot"
    hosts: ClassVar[tuple[str, ...]] = ("https://api.sunex.example",)
    forms: ClassVar[dict[str, Fields]] = {"only": {"leader_id": sent("leader")}}

    rate_unit: str | None = option("fraction", "percent")

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        raise NotImplementedError

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        raise NotImplementedError


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    unregister("sunex-spot")


@pytest.fixture
def registered() -> type[Sunex]:
    register(Sunex)
    return Sunex


@pytest.fixture
def exchange() -> str:
    """Return a name that no other test uses, because what is loaded once stays loaded."""
    return f"moonex{next(NUMBERS)}"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: str) -> Install:
    """Return a function that installs a distribution with one adapter, for the duration of the test."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(distribution: str, source: str, *, name: str = exchange) -> None:
        module = f"{distribution}_{exchange}".replace("-", "_")
        (tmp_path / f"{module}.py").write_text(source.replace("NAME", name), encoding="utf-8")
        folder = tmp_path / f"{distribution.replace('-', '_')}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[unified_copy.adapters]\n{name} = {module}:Plugin\n")

    return install


def _run(code: str, env: dict[str, str] | None = None) -> str:
    """Run ``code`` in a fresh interpreter and return what it prints."""
    return subprocess.run(  # noqa: S603 (what runs is what the test wrote)
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=env
    ).stdout.strip()


def _environment() -> dict[str, str]:
    """Return an environment in which a fresh interpreter finds what this one finds."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def _reason(name: str) -> str:
    with pytest.raises(AdapterError) as caught:
        load_adapter(name)
    assert caught.value.adapter == name
    return caught.value.reason


# ------------------------------------------------------------------ finding


def test_the_built_in_exchanges_are_found() -> None:
    assert {"bitget", "xt"} <= set(exchanges())


def test_exchanges_are_named_in_alphabetical_order() -> None:
    assert list(exchanges()) == sorted(exchanges())


@pytest.mark.parametrize("name", ["bitget", "xt"])
def test_an_adapter_is_loaded_by_its_name(name: str) -> None:
    adapter_class = load_adapter(name)
    assert issubclass(adapter_class, Adapter)
    assert adapter_class.name == name


def test_an_adapter_is_loaded_once() -> None:
    assert load_adapter("xt") is load_adapter("xt")


def test_an_installed_plug_in_is_found_like_the_built_in_ones(install: Install, exchange: str) -> None:
    install("moonex-plugin", SOURCE.format(**GOOD))
    assert exchange in exchanges()
    assert load_adapter(exchange).name == exchange


@pytest.mark.parametrize(
    ("code", "loaded"),
    [
        ("import unified_copy", ""),
        ("import unified_copy; unified_copy.exchanges()", ""),
        ("import unified_copy; unified_copy.load_adapter('xt')", "unified_copy_xt"),
        ("import unified_copy; unified_copy.load_adapter('bitget')", "unified_copy_bitget"),
    ],
)
def test_nothing_is_imported_but_the_adapter_that_is_asked_for(code: str, loaded: str) -> None:
    told = _run(f"import sys; {code}; print(*sorted(m for m in sys.modules if m.startswith('unified_copy_')), sep=' ')")
    assert {module.partition(".")[0] for module in told.split()} == ({loaded} if loaded else set())


@pytest.mark.parametrize("heavy", ["aiohttp", "asyncio", "yaml", "click", "rich"])
def test_translating_does_without_the_network(heavy: str) -> None:
    code = (
        "import sys, unified_copy as u;"
        "c = u.FollowConfig(leader_id='1', sizing=u.FixedAmount(5), symbols=['BTC/USDT']);"
        "u.translate(c, exchange='bitget'); u.translate(c, exchange='xt');"
        f"print({heavy!r} in sys.modules)"
    )
    assert _run(code) == "False"


def test_the_client_loads_when_it_is_first_used() -> None:
    code = (
        "import sys, unified_copy; before = 'aiohttp' in sys.modules;"
        "unified_copy.CopyClient; print(before, 'aiohttp' in sys.modules)"
    )
    assert _run(code) == "False True"


# ------------------------------------------------------------------ not finding


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("bitgit", "bitget"), ("bitge", "bitget"), ("xtt", "xt"), ("Bitget", "bitget"), ("OKX", "okx")],
)
def test_an_unknown_name_is_answered_with_the_nearest_ones(name: str, nearest: str) -> None:
    with pytest.raises(UnknownExchangeError) as caught:
        load_adapter(name)
    assert caught.value.exchange == name
    assert caught.value.nearest[0] == nearest


@pytest.mark.parametrize("name", ["", "zzzzzzzzzz", "张三", None, 5])
def test_a_name_like_no_other_is_answered_with_all_of_them(name: object) -> None:
    given: Any = name
    with pytest.raises(UnknownExchangeError) as caught:
        load_adapter(given)
    assert caught.value.nearest == exchanges()


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (load_adapter("xt"), r"is neither a name nor an instance of an adapter; call it: XtAdapter\(\)$"),
        (int, "<class 'int'> is neither a name nor an instance of an adapter$"),
        (None, "None is neither"),
    ],
)
def test_what_is_neither_a_name_nor_an_adapter_is_refused(given: object, problem: str) -> None:
    what: Any = given
    with pytest.raises(ConfigError, match=problem) as caught:
        resolve(what)
    assert caught.value.field == "exchange"


# ------------------------------------------------------------------ broken plug-ins


def test_two_distributions_that_claim_one_name_are_both_named(install: Install, exchange: str) -> None:
    install("moonex-one", SOURCE.format(**GOOD))
    install("moonex-two", SOURCE.format(**GOOD))
    assert _reason(exchange) == (
        "claimed by both moonex-one and moonex-two; uninstall one of them, or allow one of them in UNIFIED_COPY_PLUGINS"
    )


@pytest.mark.parametrize("distribution", ["another-xt", "unified-copy-2"])
def test_the_name_of_a_built_in_exchange_cannot_be_taken_over(install: Install, distribution: str) -> None:
    install(distribution, SOURCE.format(**GOOD), name="xt")
    code = "import unified_copy; print(unified_copy.load_adapter('xt').__module__)"
    assert _run(code, env=_environment()) == "unified_copy_xt.adapter"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("raise RuntimeError('broken inside')", "RuntimeError: broken inside"),
        ("def (:", "SyntaxError"),
        ("", "AttributeError"),
    ],
    ids=["missing-module", "raises", "no-python", "no-such-class"],
)
def test_a_plug_in_that_does_not_import_names_its_owner_and_why(
    install: Install, exchange: str, source: str, told: str
) -> None:
    install("moonex-plugin", source)
    reason = _reason(exchange)
    assert reason.startswith("of moonex-plugin does not import: ")
    assert told in reason


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("class Plugin: name = 'NAME'", "is not a subclass of unified_copy.Adapter"),
        ("Plugin = 'NAME'", "is not a subclass of unified_copy.Adapter"),
        ("from unified_copy import Adapter as Plugin", "does not say its name and hosts and forms"),
        (SOURCE.format(**{**GOOD, "forms": "{}"}), "does not say its forms"),
        (SOURCE.format(**{**GOOD, "hosts": "()"}), "does not say its hosts"),
        (SOURCE.format(**GOOD).replace("def sign", "def sing"), "does not define sign"),
        (
            SOURCE.format(**GOOD).replace("def sign", "def sing").replace("def follow", "def fellow"),
            "does not define follow and sign",
        ),
        (
            SOURCE.format(**GOOD).replace("adapter_api = 1", ""),
            "does not say for which adapter contract it was written; add adapter_api = 1",
        ),
        (
            SOURCE.format(**GOOD).replace("adapter_api = 1", "adapter_api = '1'"),
            "does not say for which adapter contract",
        ),
        (
            SOURCE.format(**GOOD).replace("adapter_api = 1", "adapter_api = 0"),
            "was written for adapter contract 0, and this is 1; upgrade it",
        ),
        (
            SOURCE.format(**GOOD).replace("adapter_api = 1", "adapter_api = 2"),
            "was written for adapter contract 2, and this is 1; upgrade unified-copy",
        ),
        (SOURCE.format(**{**GOOD, "name": "sunex"}), "calls itself 'sunex' and is installed as 'NAME'"),
        (
            SOURCE.format(**{**GOOD, "hosts": '("http://api.moonex.example",)'}),
            "declares 'http://api.moonex.example', which is not an https origin",
        ),
        (
            SOURCE.format(**{**GOOD, "hosts": '("https://api.moonex.example/v1",)'}),
            "declares 'https://api.moonex.example/v1', which is not an https origin",
        ),
        (
            SOURCE.format(**{**GOOD, "hosts": '("https://ok.example", "https://user@api.moonex.example")'}),
            "declares 'https://user@api.moonex.example', which is not an https origin",
        ),
        (SOURCE.format(**{**GOOD, "hosts": '"https://api.moonex.example"'}), "which is not an https origin"),
    ],
)
def test_a_plug_in_that_breaks_the_contract_is_refused_in_words(
    install: Install, exchange: str, source: str, told: str
) -> None:
    install("moonex-plugin", source)
    reason = _reason(exchange)
    assert reason.startswith("of moonex-plugin ")
    assert told.replace("NAME", exchange) in reason


@pytest.mark.parametrize("name", ["Moonex", "moon_ex", "9moon", "moon--ex", "moonex-"])
def test_a_plug_in_under_a_wrong_name_is_refused(install: Install, name: str) -> None:
    install("moonex-plugin", SOURCE.format(**GOOD), name=name)
    assert "not made of lower-case letters, digits and dashes" in _reason(name)


def test_a_broken_plug_in_does_not_hurt_the_others(install: Install, exchange: str) -> None:
    install("moonex-plugin", "raise RuntimeError")
    assert exchange in exchanges()
    assert load_adapter("xt").name == "xt"


# ------------------------------------------------------------------ trust


@pytest.mark.parametrize("allowed", ["moonex-plugin", " Moonex_Plugin ", "other, moonex.plugin"])
def test_a_plug_in_that_is_allowed_loads(
    install: Install, exchange: str, monkeypatch: pytest.MonkeyPatch, allowed: str
) -> None:
    install("moonex-plugin", SOURCE.format(**GOOD))
    monkeypatch.setenv("UNIFIED_COPY_PLUGINS", allowed)
    assert exchange in exchanges()
    assert load_adapter(exchange).name == exchange


@pytest.mark.parametrize(
    ("allowed", "told"), [("", "none"), (" , ", "none"), ("Other_One,another", "another, other-one")]
)
def test_a_plug_in_that_is_not_allowed_is_never_imported(
    install: Install, exchange: str, monkeypatch: pytest.MonkeyPatch, allowed: str, told: str
) -> None:
    install("moonex-plugin", "raise RuntimeError('it ran')")
    monkeypatch.setenv("UNIFIED_COPY_PLUGINS", allowed)
    assert exchange not in exchanges()
    assert _reason(exchange) == f"of moonex-plugin may not load: UNIFIED_COPY_PLUGINS allows {told}"


def test_the_built_in_exchanges_need_not_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIFIED_COPY_PLUGINS", "")
    assert {"bitget", "xt"} <= set(exchanges())
    assert load_adapter("xt").name == "xt"


def test_allowing_one_of_two_that_claim_a_name_settles_it(
    install: Install, exchange: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("moonex-one", "raise RuntimeError('it ran')")
    install("moonex-two", SOURCE.format(**GOOD))
    monkeypatch.setenv("UNIFIED_COPY_PLUGINS", "moonex-two")
    assert load_adapter(exchange).__module__.startswith("moonex_two")


@pytest.mark.parametrize(
    ("source", "hosts"),
    [
        (SOURCE.format(**GOOD), ("https://api.moonex.example",)),
        (
            SOURCE.format(**GOOD).replace("    hosts =", "    hosts: ClassVar[tuple[str, ...]] ="),
            ("https://api.moonex.example",),
        ),
        (SOURCE.format(**{**GOOD, "hosts": "HOSTS"}), ()),
        (SOURCE.format(**{**GOOD, "hosts": "5"}), ()),
        (SOURCE.format(**GOOD).replace("    hosts =", "    ports ="), ()),
        ("def (:", ()),
        ("", ()),
    ],
    ids=["plain", "annotated", "a name", "no tuple", "undeclared", "no python", "no such class"],
)
def test_what_a_plug_in_declares_is_read_without_importing_it(
    install: Install, exchange: str, source: str, hosts: tuple[str, ...]
) -> None:
    install("moonex-plugin", f"{source}\nraise RuntimeError")
    (offer,) = offers()[exchange]
    assert (offer.distribution, offer.version) == ("moonex-plugin", "1.0")
    assert offer.hosts() == hosts


def test_the_hosts_of_a_module_inside_a_package_are_read_without_importing_the_package(
    install: Install, exchange: str, tmp_path: Path
) -> None:
    install("moonex-plugin", SOURCE.format(**GOOD))
    (offer,) = offers()[exchange]
    package = tmp_path / f"package_{exchange}"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('it ran')")
    (package / "adapter.py").write_text(SOURCE.format(**GOOD))
    inside = EntryPoint(exchange, f"{package.name}.adapter:Plugin", "unified_copy.adapters")
    assert attrs.evolve(offer, entry_point=inside).hosts() == ("https://api.moonex.example",)
    itself = EntryPoint(exchange, f"{package.name}:Plugin", "unified_copy.adapters")
    assert attrs.evolve(offer, entry_point=itself).hosts() == ()


@pytest.mark.parametrize("module", ["nowhere_to_be_found", "nowhere_to_be_found.inside", "os.nowhere"])
def test_a_plug_in_whose_source_is_not_found_declares_nothing(module: str) -> None:
    entry_point = EntryPoint("moonex", f"{module}:Plugin", "unified_copy.adapters")
    assert Offer("moonex", "moonex-plugin", "1.0", entry_point).hosts() == ()


# ------------------------------------------------------------------ registering


def test_a_registered_adapter_is_found_by_its_name(registered: type[Sunex]) -> None:
    assert "sunex-spot" in exchanges()
    assert load_adapter("sunex-spot") is registered


def test_registering_the_same_class_again_changes_nothing(registered: type[Sunex]) -> None:
    register(registered)
    assert load_adapter("sunex-spot") is registered


def test_an_unregistered_adapter_is_forgotten(registered: type[Sunex]) -> None:
    unregister(registered.name)
    assert "sunex-spot" not in exchanges()


def test_unregistering_what_nobody_registered_changes_nothing() -> None:
    before = exchanges()
    unregister("nobody")
    assert exchanges() == before


def test_a_second_class_cannot_take_a_registered_name(registered: type[Sunex]) -> None:
    other: Any = type("Other", (registered,), {})
    with pytest.raises(AdapterError) as caught:
        register(other)
    assert caught.value.adapter == "sunex-spot"
    assert "Sunex and " in caught.value.reason
    assert "Other" in caught.value.reason


def test_a_class_cannot_be_registered_under_an_installed_name() -> None:
    other: Any = type("Other", (Sunex,), {"name": "bitget"})
    with pytest.raises(AdapterError) as caught:
        register(other)
    assert "claimed by both unified-copy and " in caught.value.reason


@pytest.mark.parametrize(
    ("adapter_class", "told"),
    [
        (type("NoAdapter", (), {"name": "sunex-spot"}), "is not a subclass of unified_copy.Adapter"),
        (type("Nameless", (Adapter,), {}), "does not say its name and hosts and forms"),
        (type("Loud", (Sunex,), {"name": "SUNEX"}), "not made of lower-case letters"),
        (type("Plain", (Sunex,), {"hosts": ("http://api.sunex.example",)}), "not an https origin"),
        (Sunex(), "is not a subclass of unified_copy.Adapter"),
        ("sunex-spot", "is not a subclass of unified_copy.Adapter"),
    ],
    ids=["no-adapter", "nameless", "wrong-name", "wrong-host", "instance", "text"],
)
def test_registering_what_breaks_the_contract_is_refused_in_words(adapter_class: object, told: str) -> None:
    given: Any = adapter_class
    with pytest.raises(AdapterError) as caught:
        register(given)
    assert told in caught.value.reason


# ------------------------------------------------------------------ options


def test_an_adapter_instance_is_used_as_it_is() -> None:
    adapter = load_adapter("xt")()
    assert resolve(adapter) is adapter


def test_an_adapter_without_options_has_its_defaults() -> None:
    adapter: Any = resolve("xt")
    assert (adapter.generation, adapter.rate_unit, adapter.loss_unit) == ("v4", None, None)


@pytest.mark.parametrize(
    ("variable", "value", "option_"),
    [
        ("XT_GENERATION", "v1", "generation"),
        ("XT_RATE_UNIT", "percent", "rate_unit"),
        ("XT_LOSS_UNIT", "quote", "loss_unit"),
    ],
)
def test_an_option_is_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, option_: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert getattr(resolve("xt"), option_) == value


def test_dashes_of_a_name_are_underscores_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, registered: type[Sunex]
) -> None:
    monkeypatch.setenv("SUNEX_SPOT_RATE_UNIT", "percent")
    assert resolve(registered.name) == Sunex(rate_unit="percent")


def test_an_empty_variable_is_no_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XT_GENERATION", "")
    adapter: Any = resolve("xt")
    assert adapter.generation == "v4"


def test_an_option_that_is_passed_stands_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XT_RATE_UNIT", "percent")
    adapter: Any = resolve("xt", {"rate_unit": "fraction"})
    assert adapter.rate_unit == "fraction"


def test_an_adapter_that_the_caller_built_does_not_read_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XT_GENERATION", "v1")
    adapter: Any = load_adapter("xt")()
    assert adapter.generation == "v4"


def test_a_change_of_the_environment_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before: Any = resolve("xt")
    monkeypatch.setenv("XT_GENERATION", "v1")
    after: Any = resolve("xt")
    assert (before.generation, after.generation) == ("v4", "v1")


def test_an_unknown_option_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        resolve("xt", {"rate_unti": "percent"})
    assert caught.value.field == "exchange"
    assert caught.value.reason == "xt has no option 'rate_unti'; it has: generation, rate_unit, loss_unit"


def test_an_option_of_an_adapter_that_has_none_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        resolve("bitget", {"generation": "v1"})
    assert caught.value.reason == "bitget has no option 'generation'; it has: none"


@pytest.mark.parametrize("value", ["v2", "V1", "", None, 1, True, ["v1"], {"v1": "v1"}])
def test_an_option_of_another_value_is_refused_with_its_choices(value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve("xt", {"generation": value})
    assert caught.value.field == "exchange"
    assert caught.value.reason == f"option generation takes 'v4' or 'v1', not {value!r}"


def test_an_option_of_another_value_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XT_RATE_UNIT", "percentage")
    with pytest.raises(ConfigError) as caught:
        resolve("xt")
    assert "option rate_unit takes 'fraction' or 'percent', not 'percentage'" in caught.value.reason
