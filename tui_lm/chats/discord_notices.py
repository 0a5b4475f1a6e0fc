"""The sentences that DiscordChatExporter writes for notices of Discord's app: a closed set, always English."""

from __future__ import annotations

import re

_NOTICE = re.compile(
    r"Added (?:a recipient|.{1,100} to the group)\.|Removed (?:a recipient|.{1,100} from the group)\.|Left the group\."
    r"|Started a call that lasted [\d,]+ minutes\.|Changed the channel name(?:\.|: .{0,200})|Changed the channel icon\."
    r"|Pinned a message\.|Started a thread\.|Joined the server\."
)


def is_notice(text: str) -> bool:
    """Whether the whole text is an exporter's notice. A part is not enough, because people quote them."""
    return _NOTICE.fullmatch(text) is not None
