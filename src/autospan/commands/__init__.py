"""The commands: one file each, a short function with its help and its exit codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from autospan.commands.apply import apply
from autospan.commands.check import check
from autospan.commands.diff import diff
from autospan.commands.explain import explain
from autospan.commands.graph import graph
from autospan.commands.init import init
from autospan.commands.packs import packs, test
from autospan.commands.remove import remove
from autospan.commands.suggest import suggest

Command = Callable[..., None]

COMMANDS: Sequence[Command] = (suggest, diff, apply, check, explain, graph, remove, init)
"""In the order of the help."""

GROUPS: Mapping[Command, Sequence[Command]] = {packs: (test,)}
"""Commands with commands below them."""
