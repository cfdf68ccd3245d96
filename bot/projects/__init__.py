"""What a tree of files says about its Alembic environments. Nothing of the target is ever run."""

from __future__ import annotations

from bot.projects.environment import Environment, Found
from bot.projects.find import find_environments
from bot.projects.install_plan import NOTHING, InstallPlan
from bot.projects.plan import plan_install
from bot.projects.relevance import Relevance, relevant
from bot.projects.revision_files import overlooked_files, revision_files
from bot.projects.revision_source import RevisionSource, read_revision, same_code
from bot.projects.tree import ConfigurationProblem, TreeView

__all__ = [
    "NOTHING",
    "ConfigurationProblem",
    "Environment",
    "Found",
    "InstallPlan",
    "Relevance",
    "RevisionSource",
    "TreeView",
    "find_environments",
    "overlooked_files",
    "plan_install",
    "read_revision",
    "relevant",
    "revision_files",
    "same_code",
]
