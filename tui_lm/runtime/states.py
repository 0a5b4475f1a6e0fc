"""A cache of network states, by the tokens that lead to them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from weakref import ReferenceType, ref

from tui_lm.runtime.runtime import Logits, State

MOST_STATES = 1024


@dataclass(frozen=True, slots=True)
class Reached:
    """A network after some tokens: the logits [1, V] of the next token, and the state."""

    logits: Logits
    state: State


@dataclass(slots=True, weakref_slot=True)
class _Node:
    """A sequence of tokens, of which `token` is the last. Nodes without a state are on the path to one that has it."""

    parent: ReferenceType[_Node] | None = None  # weak: states hold much memory, and a circle of nodes would keep them
    token: int = -1
    children: dict[int, _Node] = field(default_factory=dict)
    reached: Reached | None = None


class StateTree:
    """At most `capacity` states; those unused for longest are forgotten first."""

    def __init__(self, capacity: int = MOST_STATES) -> None:
        self.capacity = capacity
        self._root = _Node()
        self._used: OrderedDict[int, _Node] = OrderedDict()

    def __len__(self) -> int:
        return len(self._used)

    def longest(self, tokens: Sequence[int]) -> tuple[int, Reached | None]:
        """Length and state of the longest prefix of `tokens` whose state is known; 0 and None where none is."""
        node, known, length = self._root, None, 0
        for i, token in enumerate(tokens):
            child = node.children.get(token)
            if child is None:
                break
            node = child
            if node.reached is not None:
                known, length = node, i + 1
        if known is None:
            return 0, None
        self._used.move_to_end(id(known))
        return length, known.reached

    def put(self, tokens: Sequence[int], reached: Reached) -> None:
        node = self._root
        for token in tokens:
            child = node.children.get(token)
            if child is None:
                child = node.children[token] = _Node(ref(node), token)
            node = child
        node.reached = reached
        self._used[id(node)] = node
        self._used.move_to_end(id(node))
        while len(self._used) > self.capacity:
            _, oldest = self._used.popitem(last=False)
            oldest.reached = None
            _prune(oldest)


def _prune(node: _Node) -> None:
    """Remove a node that leads to no state, and then those above it that lead to none any more."""
    while node.reached is None and not node.children:
        parent = None if node.parent is None else node.parent()
        if parent is None:
            return
        del parent.children[node.token]
        node = parent
