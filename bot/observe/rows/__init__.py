"""Rows: made up from the catalogue or the user's, and the change run on tables that hold them.

``Ground.prepare`` makes clones while others work; ``on_rows`` fills them and runs the change.
"""

from bot.observe.rows.options import RowsOptions
from bot.observe.rows.scenario import on_rows
from bot.observe.rows.trial import Ground

__all__ = ["Ground", "RowsOptions", "on_rows"]
