"""Slack's markup and blocks as the text that users see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

# <@U1>, <#C1|general>, <!here>, <https://example.org|label>
_LINK = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_DEEPEST = 20  # maximum nesting of blocks
_LINES = ("rich_text_section", "rich_text_preformatted", "rich_text_quote", "rich_text_list", "section")


def plain(text: str, users: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """A text with its links and names as Slack shows them."""

    def shown(link: re.Match[str]) -> str:
        mark, target, label = link.groups()
        if mark == "@":
            return "@" + (label or users.get(target, target))
        if mark == "#":
            return "#" + (label or channels.get(target, target))
        if mark == "!":
            return label or "@" + target.partition("^")[0]
        return label or target

    text = _LINK.sub(shown, text)
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def text_of_blocks(blocks: object, users: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """The text of a message that has only blocks."""
    return "".join(_pieces(blocks, users, channels, 0)).strip("\n")


def _pieces(block: object, users: Mapping[str, str], channels: Mapping[str, str], depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(block, list):
        for each in block:
            yield from _pieces(each, users, channels, depth + 1)
        return
    if not isinstance(block, dict):
        return
    match block.get("type"):
        case "text":
            yield _string(block.get("text"))
        case "mrkdwn" | "plain_text":
            yield plain(_string(block.get("text")), users, channels)
        case "link":
            yield _string(block.get("text")) or _string(block.get("url"))
        case "emoji":
            yield f":{_string(block.get('name'))}:"
        case "user":
            user = _string(block.get("user_id"))
            yield f"@{users.get(user, user)}"
        case "channel":
            channel = _string(block.get("channel_id"))
            yield f"#{channels.get(channel, channel)}"
        case "broadcast":
            yield f"@{_string(block.get('range'))}"
        case kind:
            inside = block.get("elements", block.get("text"))
            yield from _pieces(inside, users, channels, depth + 1)
            if kind in _LINES:
                yield "\n"


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
