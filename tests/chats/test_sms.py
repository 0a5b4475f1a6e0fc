"""A group's MMS is by the person who sent it, under the name that the number has elsewhere."""

from __future__ import annotations

from pathlib import Path

from tui_lm.chats import Kind, open_chat

SMS = '<sms address="+49 170 5550100" date="1738400000000" type="1" body="hi" contact_name="Rosa" />'


def mms(sender: str, number: int) -> str:
    return (
        f'<mms address="+491705550100~+15550102" date="{1738400060000 + number}" msg_box="1" contact_name="Rosa, Ida">'
        '<parts><part ct="application/smil" text="&lt;smil/&gt;" />'
        f'<part ct="text/plain" text="row {number}" /></parts>'
        f'<addrs><addr address="{sender}" type="137" /><addr address="+15550102" type="151" /></addrs></mms>'
    )


def test_the_sender_of_a_group_has_a_name(tmp_path: Path) -> None:
    path = tmp_path / "sms-1.xml"
    rows = f"{SMS}{mms('01705550100', 1)}{mms('+15550102', 2)}"
    path.write_text(f'<?xml version="1.0"?><smses count="3">{rows}</smses>', "utf-8")
    assert [(row.author, row.text, row.kind) for row in open_chat([path])] == [
        ("Rosa", "hi", Kind.TEXT),
        ("Rosa", "row 1", Kind.TEXT),
        ("+15550102", "row 2", Kind.TEXT),
    ]
