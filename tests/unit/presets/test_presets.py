"""Each preset is its standard: what it names exists, and every demand has its answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.configuration import Stated, Tree, judging
from bot.judge import PRESETS, is_on
from bot.policy import Severity, policies
from bot.preset import preset
from bot.preset_demands import CONSULT, REPORT, contradictions, demands
from bot.settings import SettingsError, settings
from bot.settings.model import REPORT_PARTS
from fixtures.standards import standards, unbroken

KNOWN = {policy.id: policy for policy in policies()}
by_name = pytest.mark.parametrize("name", PRESETS)


def tree(text: str) -> Tree:
    """A tree that holds that configuration and nothing else."""
    return Tree({".db-recheck.toml": text.encode()})


def missing() -> Iterator[str]:
    """All that the presets name and that is not there."""
    for number, name in enumerate(PRESETS, 1):
        chosen = preset(name)
        named = {*chosen.policies, *chosen.policy}
        for each in demands(name):
            named |= {*each.policies, *each.helps}
            for policy in each.policies:
                known = KNOWN.get(policy)
                if known and known.pack != "core" and number not in known.presets:
                    yield f"{name}: {policy} is not on"
        yield from (f"{name}: there is no policy {each}" for each in sorted(named - KNOWN.keys()))
        for policy, options in chosen.policy.items():
            known = KNOWN.get(policy)
            for option in options if known else ():
                if known and option not in known.options:
                    yield f"{name}: {policy} has no option {option}"


def test_what_the_presets_name_is_there() -> None:
    """Policies that are on under the preset, and options that they have."""
    assert sorted(missing()) == []


@by_name
def test_a_policy_that_names_the_preset_is_demanded_by_it(name: str) -> None:
    """The numbers in the policies and the demands are two ends of one mapping."""
    mapped = {policy for each in demands(name) for policy in each.policies}
    number = PRESETS.index(name) + 1
    assert {policy.id for policy in policies() if number in policy.presets} - mapped == set()


@by_name
def test_nothing_is_unmapped(name: str) -> None:
    """Each demand is checked, shown, answered, or says why it cannot be."""
    assert [each.says for each in demands(name) if not each.mapped] == []
    assert {each.rules == "" for each in contradictions(name)} <= {False}
    shown = {part for each in demands(name) for part in each.report}
    assert shown <= {*REPORT, *REPORT_PARTS}
    assert {command for each in demands(name) for command in each.consult} <= {*CONSULT}


@by_name
def test_the_preset_has_every_part_of_the_report_that_it_demands(name: str) -> None:
    """What is mapped to a part is in the report without another word of the user's."""
    shown = {part for each in demands(name) for part in each.report} & {*REPORT_PARTS}
    assert shown <= {*preset(name).values.get("report_parts", ())}


@by_name
def test_the_number_is_the_place_in_the_list(name: str) -> None:
    """It is what the policies count by."""
    assert preset(name).number == PRESETS.index(name) + 1


@by_name
def test_exactly_its_policies_and_core_are_on(name: str) -> None:
    """With a preset and nothing else, policies of packs are on by their number alone."""
    view = tree(f"preset = '{name}'")
    asked = judging(Stated(None, {}, {}).load(view, view).settings)
    number = PRESETS.index(name) + 1
    wanted = {each.id for each in policies() if each.pack == "core" or number in each.presets}
    assert {each.id for each in policies() if is_on(each, asked)} == wanted


def test_what_the_file_states_wins_over_the_preset() -> None:
    """Weights one by one, options one by one, settings."""
    view = tree(
        "preset = 'platform'\ncheck-downgrade-locks = false\n[policies]\nmissing-timestamps = 'off'"
    )
    held = Stated(None, {}, {}).load(view, view).settings
    assert not held.check_downgrade_locks
    assert held.direct_override
    assert held.policies["missing-timestamps"] == "off"
    assert held.policies["primary-key-not-uuid"] == "block"
    assert judging(held).severities["missing-timestamps"] is None
    assert judging(held).severities["primary-key-not-uuid"] is Severity.BLOCK


def test_the_allowed_actions_are_those_of_contract_first() -> None:
    """An option of the preset reaches the policy; the user's own replaces it."""
    view = tree("preset = 'contract-first'")
    own = tree("preset = 'contract-first'\npolicy.implicit-on-delete.allowed = ['RESTRICT']")
    read = [judging(Stated(None, {}, {}).load(each, each).settings).options for each in (view, own)]
    assert [each.of("implicit-on-delete", "allowed", ("",)) for each in read] == [
        ("CASCADE", "SET NULL", "RESTRICT"),
        ("RESTRICT",),
    ]


def test_unknown_preset_is_refused_with_the_closest_one() -> None:
    """A misspelt preset would check nothing of what was asked."""
    view = tree("preset = 'contract-frist'")
    with pytest.raises(SettingsError, match=r"did you mean `contract-first`\?"):
        Stated(None, {}, {}).load(view, view)


def test_a_change_that_weakens_the_preset_is_told() -> None:
    """What holds at base is the preset's weight and value, not the catalogue's."""
    base = tree("preset = 'platform'")
    head = tree(
        "preset = 'platform'\ncheck-downgrade-locks = false\npolicies.dropped-column = 'warn'"
    )
    changes = Stated(None, {}, {}).load(base, head).changes
    assert {item.key: item.weakens for item in changes} == {
        "check-downgrade-locks": True,
        "policies.dropped-column": True,
    }


@by_name
def test_a_preset_states_settings_that_there_are(name: str) -> None:
    """A misspelt key of a preset would be lost without a word."""
    assert {*preset(name).values} <= {item.attribute for item in settings()}


@by_name
def test_every_demand_is_broken_by_a_pull_request(name: str) -> None:
    """What the standard demands of a review is seen to be reported, or somebody said why not."""
    demanded = {policy for each in demands(name) for policy in each.policies}
    told = {
        finding.split()[1]
        for case in standards()
        if case.preset == name and not case.good
        for finding in case.findings
    }
    assert demanded - told == set(unbroken(name))
    assert all(unbroken(name).values())
