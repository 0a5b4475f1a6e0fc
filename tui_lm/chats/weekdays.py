"""Names of weekdays, which show whether the day or the month comes first in a date."""

from __future__ import annotations

import re

# One line per day from Monday on; abbreviations without dots, in lower case.
_NAMES = (
    "monday mon montag mo lundi lun lunes lunedì segunda seg maandag ma poniedziałek pon понедельник пн pazartesi pzt"
    " 月 月曜 月曜日 週一 周一 星期一 一 월 월요일 จันทร์ จ senin sen thứhai",
    "tuesday tue tues dienstag di mardi martes mar martedì terça ter dinsdag wtorek wt вторник вт salı sal"
    " 火 火曜 火曜日 週二 周二 星期二 二 화 화요일 อังคาร อ selasa sel thứba",
    "wednesday wed mittwoch mi mercredi mer miércoles mié mercoledì quarta qua woensdag wo środa śr среда ср çarşamba"
    " çar 水 水曜 水曜日 週三 周三 星期三 三 수 수요일 พุธ พ rabu rab thứtư",
    "thursday thu thur thurs donnerstag do jeudi jeu jueves jue giovedì gio quinta qui donderdag czwartek czw четверг"
    " чт perşembe per 木 木曜 木曜日 週四 周四 星期四 四 목 목요일 พฤหัสบดี พฤ kamis kam thứnăm",
    "friday fri freitag fr vendredi ven viernes vie venerdì sexta sex vrijdag vr piątek pt пятница пт cuma cum"
    " 金 金曜 金曜日 週五 周五 星期五 五 금 금요일 ศุกร์ ศ jumat jum thứsáu",
    "saturday sat samstag sa samedi sam sábado sáb sabato sab zaterdag za sobota sob суббота сб cumartesi cmt"
    " 土 土曜 土曜日 週六 周六 星期六 六 토 토요일 เสาร์ ส sabtu thứbảy",
    "sunday sun sonntag so dimanche dim domingo dom domenica zondag zo niedziela ndz nd воскресенье вс pazar paz"
    " 日 日曜 日曜日 週日 周日 星期日 星期天 일 일요일 อาทิตย์ อา minggu min chủnhật",
)
_WEEKDAY_OF = {name: number for number, names in enumerate(_NAMES) for name in names.split()}
_WORD = re.compile(r"[^\d\s.,:;/()（）\[\]-]+")


def weekday_in(text: str) -> int | None:
    """The weekday named in a text without its date, Monday 0; None if it names none or two."""
    found = {_WEEKDAY_OF[word] for word in map(str.casefold, _WORD.findall(text)) if word in _WEEKDAY_OF}
    return found.pop() if len(found) == 1 else None
