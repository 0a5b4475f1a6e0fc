"""The lessons are read from their pages: words, and experiments that the inspector can show."""

from __future__ import annotations

from pathlib import Path

from tui_lm.inspection.views import VIEWS, view_of
from tui_lm.lessons import FAMILIES, lessons, read

ALL = lessons()


def test_the_lessons_stand_in_the_order_of_their_contents() -> None:
    assert [lesson.name for lesson in ALL][:3] == ["by-hand", "forgetting", "forget-gate"]
    assert len(ALL) >= 7
    assert all(lesson.title and lesson.parts for lesson in ALL)


def test_an_experiment_shows_what_its_command_shows() -> None:
    first, second = ALL[0].experiments[:2]
    assert (first.text, first.model, first.views, first.unit) == ("rain and", "", ("gates", "equations", "next"), 1)
    assert second.change == "forget.1@2=0" and second.views == ("edit",)


def test_every_experiment_has_a_known_model_and_known_views() -> None:
    for lesson in ALL:
        for experiment in lesson.experiments:
            assert experiment.model in {"", *FAMILIES}
            assert {view_of(name) for name in experiment.views} <= set(VIEWS.values())


def test_words_hold_neither_pictures_nor_links_to_files() -> None:
    for lesson in ALL:
        for part in lesson.parts:
            if isinstance(part, str):
                assert "](pictures/" not in part and ".md)" not in part and ".py)" not in part


def test_a_command_over_several_lines_is_one(tmp_path: Path) -> None:
    page = tmp_path / "long.md"
    page.write_text('# Long\n\nTry:\n\n```console\n$ tui-lm inspect "see you" -m demo \\\n    --unit 3\n```\n')
    (experiment,) = read(page).experiments
    assert (experiment.text, experiment.unit) == ("see you", 3)
