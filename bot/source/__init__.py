"""Python source as frozen data: what a file declares, read from its syntax tree, never executed.

``read_source(text, path)`` is all that most policies need; the rest are the shapes that it gives.
Text that cannot be parsed, or is too large, gives a ``SourceFile`` whose ``problem`` says why.
``nodes_of(text)`` are a file's bare nodes, for who looks at every literal or call.
"""

from __future__ import annotations

from bot.source.annotations import Annotation
from bot.source.comments import Comment, comments
from bot.source.expressions import Argument, Expression
from bot.source.names import Imported
from bot.source.read import read_source
from bot.source.shapes import Attribute, ClassSource, FunctionSource, SourceFile
from bot.source.trees import nodes_of, tree_of

__all__ = [
    "Annotation",
    "Argument",
    "Attribute",
    "ClassSource",
    "Comment",
    "Expression",
    "FunctionSource",
    "Imported",
    "SourceFile",
    "comments",
    "nodes_of",
    "read_source",
    "tree_of",
]
