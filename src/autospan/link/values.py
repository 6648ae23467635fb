"""Abstract values: what a variable may hold, interned as small integers.

A value is a tuple whose first item is its kind. The integer of a value indexes `Values.items`.
"""

from __future__ import annotations

from typing import Final

Item = tuple[int | str, ...]

FUNCTION: Final = 0  # (kind, function, shift)
CLASS: Final = 1  # (kind, class)
INSTANCE: Final = 2  # (kind, class)
BOUND: Final = 3  # (kind, value of a function, value of the receiver)
MODULE: Final = 4  # (kind, module name)
EXTERNAL: Final = 5  # (kind, dotted name), and the call that made it where each is one of its own
CONSTANT: Final = 6  # (kind, text)
BOX: Final = 7  # (kind, box): a tuple, list, set or dict
PARTIAL: Final = 8  # (kind, value of a callable, call, shift)
SUPER: Final = 9  # (kind, class after which the lookup starts, value of the receiver)
GENERATOR: Final = 10  # (kind, function, shift): iterating gives what it yields
COROUTINE: Final = 11  # (kind, function, shift): awaiting gives what it returns
PROPERTY: Final = 12  # (kind, values of getter, setter and deleter; 0: none)
STATIC: Final = 13  # (kind, value of the function)
CLASSMETHOD: Final = 14  # (kind, value of the function)
BOX_METHOD: Final = 15  # (kind, box, method name)
AWAITABLE: Final = 16  # (kind, node): awaiting gives the node's values
EXTERNAL_METHOD: Final = 17  # (kind, dotted name, value it was found through)
DECORATED: Final = 18  # (kind, dotted name of the decorator, value of what it decorates)
ACCESSOR: Final = 19  # (kind, value of a property, "getter", "setter" or "deleter")
PROXY: Final = (
    20  # (kind, node of what it stands for, of an attribute's name, under, method, called)
)
UNVEIL: Final = 21  # (kind, value of a proxy): calling gives what the proxy stands for
METHOD: Final = 22  # (kind, value of a generator, coroutine or awaitable, method name)
CALLABLE: Final = 23  # (kind, node): calling gives the node's values


def single(item: Item) -> bool:
    """Whether a value outside the program is one object, not any of its class or name."""
    return item[0] == EXTERNAL and len(item) > len((EXTERNAL, "name"))


class Values:
    """The interned values of one program."""

    def __init__(self) -> None:
        self.items: list[Item] = [(-1,)]
        self._numbers: dict[Item, int] = {}

    def of(self, *item: int | str) -> int:
        """The number of a value."""
        number = self._numbers.get(item)
        if number is None:
            number = self._numbers[item] = len(self.items)
            self.items.append(item)
        return number
