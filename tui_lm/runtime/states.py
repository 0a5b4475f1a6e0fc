"""The places that a network has been at, kept by the tokens that led there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tui_lm.runtime.runtime import Logits, State

MOST_STATES = 1024


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a network is after some tokens: logits [1, V] of the next one, and its state."""

    logits: Logits
    state: State


@dataclass(slots=True)
class _Node:
    """A history of tokens; its own is the last. Nodes without a place keep the way to those that have one."""

    parent: _Node | None = None
    token: int = -1
    children: dict[int, _Node] = field(default_factory=dict)
    place: Reached | None = None


class StateTree:
    """The places reached before, by the tokens that led there; those not used for longest are forgotten first."""

    def __init__(self, capacity: int = MOST_STATES) -> None:
        self.capacity = capacity
        self._root = _Node()
        self._used: OrderedDict[int, _Node] = OrderedDict()

    def __len__(self) -> int:
        return len(self._used)

    def longest(self, tokens: Sequence[int]) -> tuple[int, Reached | None]:
        """How many of `tokens` lead to the furthest known place, and that place."""
        node, known, length = self._root, None, 0
        for i, token in enumerate(tokens):
            child = node.children.get(token)
            if child is None:
                break
            node = child
            if node.place is not None:
                known, length = node, i + 1
        if known is None:
            return 0, None
        self._used.move_to_end(id(known))
        return length, known.place

    def put(self, tokens: Sequence[int], place: Reached) -> None:
        node = self._root
        for token in tokens:
            child = node.children.get(token)
            if child is None:
                child = node.children[token] = _Node(node, token)
            node = child
        node.place = place
        self._used[id(node)] = node
        self._used.move_to_end(id(node))
        while len(self._used) > self.capacity:
            _, oldest = self._used.popitem(last=False)
            oldest.place = None
            _prune(oldest)


def _prune(node: _Node) -> None:
    """Take away a node that leads nowhere, and those above it that then lead nowhere either."""
    while node.parent is not None and node.place is None and not node.children:
        del node.parent.children[node.token]
        node = node.parent
