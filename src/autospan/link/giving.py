"""What calls outside the program give, where a pack says how it is made of their arguments."""

from __future__ import annotations

from autospan.link import values as v
from autospan.link.flow import Watcher
from autospan.link.kept import Kept
from autospan.link.state import Shift
from autospan.model import Call


class Giving(Kept):
    """Applies `[gives]` of the packs: `0 awaited`, `* each listed` …"""

    def give(self, watcher: Watcher, call: Call, where: Shift, how: tuple[str, ...]) -> None:
        """Let the result of a call be made of its arguments as a pack says."""
        key, *verbs = how
        sources = [
            (each, self.node(where, slot))
            for each, slot in call.arguments
            if str(each) == key or (key == "*" and (isinstance(each, int) or each == "*"))
        ]
        result = self.node(where, call.result)
        if "paired" in verbs:
            at = verbs.index("paired")
            pair = self._pair(watcher, sources, verbs[:at])
            self.flow.copy(self._made_by(watcher, pair, verbs[at + 1 :]), result)
            return
        for each, node in sources:
            start = self._each(watcher, node) if each == "*" else node
            self.flow.copy(self._made_by(watcher, start, verbs), result)

    def _pair(
        self, watcher: Watcher, sources: list[tuple[int | str, int]], verbs: list[str]
    ) -> int:
        """The node of a tuple with one element for each argument."""
        box, result = self.boxes.new("tuple"), self.flow.node()
        for each, node in sources:
            start = self._each(watcher, node) if each == "*" else node
            element = self.boxes.element(box, "" if each == "*" else f"#{each}")
            self.flow.copy(self._made_by(watcher, start, verbs), element)
        self.flow.add(result, self.values.of(v.BOX, box))
        return result

    def _each(self, watcher: Watcher, node: int) -> int:
        return self._made_by(watcher, node, ["each"])

    def _made_by(self, watcher: Watcher, node: int, verbs: list[str]) -> int:
        """The node of what some verbs make, one after the other, of what another node holds."""
        line = self.program.calls[watcher.other].line
        for verb in verbs:
            made = self.flow.node()
            if verb == "listed":
                box = self.boxes.new("list")
                self.flow.copy(node, self.boxes.element(box, ""))
                self.flow.add(made, self.values.of(v.BOX, box))
            elif verb in ("awaitable", "callable"):
                kind = v.AWAITABLE if verb == "awaitable" else v.CALLABLE
                self.flow.add(made, self.values.of(kind, node))
            elif verb == "entered":
                self._enter(Watcher(self.enter, made, "", watcher.function, line), node)
            else:
                react = {"each": self.iterate, "awaited": self.await_, "called": self._give_called}
                doing = Watcher(react[verb], made, "", watcher.function, line)
                self.flow.watch(node, doing)
            node = made
        return node

    def _enter(self, watcher: Watcher, node: int) -> None:
        """`with` or `async with`, whichever the value has."""
        self.flow.watch(node, watcher._replace(name="__enter__"))
        self.flow.watch(node, watcher._replace(name="__aenter__"))

    def _give_called(self, watcher: Watcher, value: int) -> None:
        """What calling a value gives; that it is called is said by a callback."""
        self.enter_function(-1, watcher.line, value, watcher.target)

    def give_of(self, name: str, how: str, call: Call, where: Shift, through: int) -> None:
        """Let the result of a call be an `X of KEY`: an X that gives instances of the class that an
        argument is, or what the method is called on; `$new of KEY` is such an instance."""
        what, _, key = how.partition(" of ")
        target = self.node(where, call.result)
        unknown = f"{name}()" if what == "$new" else what

        def react(inner: Watcher, value: int) -> None:
            if self.postponed is not None:
                self.postponed.append((inner, value))
                return
            klass = self.class_given(value)
            if klass is not None and what == "$new":
                self.flow.add(target, self.values.of(v.INSTANCE, klass))
            elif klass is not None:
                of_class = self.values.of(v.CLASS, klass)
                self.flow.add(target, self.values.of(v.EXTERNAL_METHOD, what, of_class))
            elif key == "self":
                self.external(target, unknown)

        if key == "self" and through:
            react(Watcher(react), through)
        elif key == "self" or what != "$new":
            self.external(target, unknown)
        for each, slot in call.arguments:
            if str(each) in key.split("|"):
                self.flow.watch(self.node(where, slot), Watcher(react))
