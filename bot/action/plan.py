"""`mode: plan`: the projects that the change concerns, as a matrix for further jobs."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product

from bot.action.check import ordered
from bot.action.job import Job
from bot.changes import Repository
from bot.changes.scratch import scratch_folder
from bot.discovery import discover
from bot.event import Review
from bot.facts.serial import to_json
from bot.review import told
from bot.settings import SettingsError
from bot.settings.kinds import MAJOR

CELLS = 256  # jobs that a matrix may have (GitHub docs: "Running variations of jobs")


def plan(job: Job, event: Review) -> int:
    """Write what the files alone say, and the matrix; it is empty when there is nothing to run.

    The input ``postgres`` may name several major versions here, with commas between them.
    """
    majors = _majors(job.inputs.settings.get("postgres", ""))
    inputs = {key: text for key, text in job.inputs.settings.items() if key != "postgres"}
    job = replace(job, inputs=replace(job.inputs, settings=inputs))
    with scratch_folder(job.temporary) as scratch:
        repository = Repository(job.workspace.root, job.git_environ, scratch)
        subject, loaded = discover(ordered(job, event), repository, job.progress)
        facts = told(subject, loaded)
    if not majors and loaded.settings.postgres:
        majors = (str(loaded.settings.postgres),)
    pairs = product(subject.relevance.environments, majors or ("",))
    cells = [
        {"cell": str(number), "project": item.name, "postgres": major, "base": facts.base}
        for number, (item, major) in enumerate(pairs)
    ]
    if len(cells) > CELLS:
        raise SettingsError(
            "mode plan",
            None,
            f"{len(cells)} jobs, and a matrix may have {CELLS}: name fewer `projects` or versions"
            " of `postgres`",
        )
    job.outputs.set("facts", job.workspace.write("facts.json", to_json(facts)))
    job.outputs.set("matrix", json.dumps({"include": cells}) if cells else "")
    if facts.nothing is not None:
        job.outputs.set("verdict", "skip")
    names = ", ".join(dict.fromkeys(cell["project"] for cell in cells))
    job.say(
        f"To run: {names} ({len(cells)} jobs)." if cells else facts.nothing or "Nothing to run."
    )
    return 0


def _majors(text: str) -> tuple[str, ...]:
    words = [word for part in text.split(",") if (word := part.strip())]
    for word in words:
        try:
            MAJOR.from_toml(word)
        except ValueError:
            raise SettingsError(
                "input postgres", None, f"`{word}` is not {MAJOR.expected}"
            ) from None
    return tuple(dict.fromkeys(words))
