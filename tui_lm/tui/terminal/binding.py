"""Bindings of keys to actions: how they are made, rebound by a person, and spelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from textual.binding import Binding, BindingType

UNBOUND = "unbound"
_NAMES = {
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
    "delete": "Del",
    "slash": "/",
    "plus": "+",
    "minus": "-",
}


def key(id: str, keys: str, action: str, name: str, tooltip: str, footer: bool = False) -> Binding:
    return Binding(keys, action, name, tooltip=tooltip, show=footer, id=id)


def own(*bindings: Binding) -> list[BindingType]:
    """Bindings that work whatever has the focus."""
    return [replace(binding, priority=True) for binding in bindings]


def as_bound(table: Iterable[BindingType], keymap: Mapping[str, str]) -> Iterator[Binding]:
    """The bindings of `table`, one per key, rebound by `keymap`. An unbound one has the key "unbound"."""
    for binding in table:
        assert isinstance(binding, Binding)
        for each in keymap.get(binding.id or "", binding.key).split(","):
            yield binding.with_key(each.strip())


def display(binding: Binding) -> str:
    """Ctrl+Q, F1, PgUp: a key as the footer and the help call it; "" for an action without one."""
    if binding.key == UNBOUND:
        return ""
    if binding.key_display:
        return binding.key_display
    return "+".join(_NAMES.get(part, part.capitalize()) for part in binding.key.split("+"))
