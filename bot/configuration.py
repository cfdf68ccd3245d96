"""The settings of one run: base's, by default, whatever the change says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.custom.declared import declared_policy
from bot.custom.files import RunOwn, file_policy
from bot.facts import ConfigurationChange
from bot.policy import Options, Severity, policies
from bot.preset import with_preset
from bot.projects import TreeView
from bot.settings import (
    Settings,
    SettingsError,
    configuration_changes,
    effective,
    load_settings,
    own_changes,
    own_files,
    paths_of,
    policy_id,
)
from bot.verdict import Judging


@dataclass(frozen=True)
class Tree:
    """A tree held in memory."""

    files: Mapping[str, bytes]

    @property
    def paths(self) -> tuple[str, ...]:
        """Its files."""
        return tuple(self.files)

    def read(self, path: str) -> bytes | None:
        """The bytes of one of them."""
        return self.files.get(path)


NO_TREE = Tree({})


@dataclass(frozen=True)
class Loaded:
    """The settings that hold, and what head's configuration states otherwise than base's."""

    settings: Settings
    changes: tuple[ConfigurationChange, ...] = ()


@dataclass(frozen=True)
class Stated:
    """What the command line and the environment say, before any tree was looked at.

    ``inputs`` are those of the Action, as text by the setting's key. ``config_of_base`` looks
    ``config`` up in base's tree alone, where a change cannot rewrite it. ``known`` are ids of
    policies that no tree here has and that may be weighed all the same.
    """

    config: Path | None
    flags: Mapping[str, object]
    environ: Mapping[str, str]
    inputs: Mapping[str, str] = field(default_factory=dict)
    config_of_base: bool = False
    known: tuple[str, ...] = ()

    def load(self, base: TreeView, merged: TreeView) -> Loaded:
        """The settings for a change of ``base`` into ``merged``.

        Raises:
            SettingsError: an unknown key or a wrong value, with its file and line.
        """
        catalogue = {policy.id: tuple(policy.options) for policy in policies()}
        own = {policy_id(path): () for tree in (base, merged) for path in paths_of(tree)}
        catalogue = {**catalogue, **dict.fromkeys(self.known, ()), **own}
        name, data = None, None
        if self.config is not None:
            name = str(self.config)
            data = None if self.config_of_base else _read(self.config)

        def load(tree: TreeView) -> Settings:
            stated = load_settings(
                tree,
                name,
                self.flags,
                self.inputs,
                environ=self.environ,
                catalogue=catalogue,
                config_bytes=data,
            )
            return _with_own(with_preset(stated, catalogue), tree)

        settings = load(base)
        if base is merged:
            return Loaded(settings)
        moved = own_changes(base, merged, used=settings.trust_head)
        if name is not None:
            return Loaded(settings, moved)
        severities = {policy.id: policy.severity.value for policy in policies()}
        unstated = with_preset(Settings(preset=settings.preset), catalogue)
        changes = configuration_changes(
            base,
            merged,
            severities={**severities, **unstated.policies},
            catalogue=catalogue,
            defaults=replace(unstated, preset=None),
        )
        if settings.trust_head:
            settings = effective(settings, load(merged))
        return Loaded(settings, (*changes, *moved))


def _with_own(settings: Settings, tree: TreeView) -> Settings:
    """The settings with the tree's own policies.

    Raises:
        SettingsError: one of them is not what it has to be, or two have one id.
    """
    files = own_files(tree)
    declared = {rule.id for rule in settings.custom}
    for file in files:
        if file.id in declared:
            raise SettingsError(file.path, None, f"a `[[custom]]` table is `{file.id}` already")
    return replace(settings, own_files=files)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(str(path), None, error.strerror or "cannot be read") from None


def own_ids(settings: Settings) -> tuple[str, ...]:
    """The ids of the team's own policies that are on."""
    ids = (*(rule.id for rule in settings.custom), *(file.id for file in settings.own_files))
    return tuple(name for name in ids if settings.policies.get(name) != "off")


def options_of(settings: Settings) -> Options:
    """What the settings say to policies, to an answer, and to what makes rows of several tenants.

    The column and the table of tenants are None where nobody stated them: the schema tells then.
    """

    def stated(key: str, value: str) -> str | None:
        return value if key in settings.stated else None

    return Options(
        small_table_rows=settings.small_table_rows,
        max_blocking_seconds=settings.max_blocking_seconds,
        check_downgrade_locks=settings.check_downgrade_locks,
        naming=settings.naming,
        issue_pattern=settings.issue_pattern,
        direct_override=settings.direct_override,
        policy=settings.policy,
        tenant_column=stated("tenant-column", settings.tenant_column),
        tenant_table=stated("tenant-table", settings.tenant_table),
        tenant_exempt=settings.tenant_exempt,
    )


def judging(settings: Settings, run_own: RunOwn | None = None) -> Judging:
    """The part of the settings that judging needs.

    ``run_own`` runs the team's own policies in Python; without it they are told as not checked.
    """
    severities = {
        name: None if weight == "off" else Severity(weight)
        for name, weight in settings.policies.items()
    }
    options = options_of(settings)
    declared = tuple(map(declared_policy, settings.custom))
    files = tuple(file_policy(file, options, run_own) for file in settings.own_files)
    return Judging(
        packs=settings.packs,
        preset=settings.preset,
        severities=severities,
        fail_on=None if settings.fail_on == "never" else Severity(settings.fail_on),
        strict=settings.strict,
        report_parts=settings.report_parts,
        options=options,
        own=(*declared, *files),
    )
