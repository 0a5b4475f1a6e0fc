"""Completions and chats in the shapes that programs of the OpenAI API expect."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra serve is not installed")

from tests.serve.conftest import Served
from tui_lm.checkpoint import SavedModel
from tui_lm.engine import Engine
from tui_lm.sampling import Sampler
from tui_lm.serve import request as requests
from tui_lm.serve.application import voices
from tui_lm.serve.request import Voices
from tui_lm.settings import Settings
from tui_lm.tokenizers.stream import WritingContext

HELLO = [{"role": "user", "content": "when?"}]


def test_the_model_is_listed(served: Served) -> None:
    status, answer = served.send("GET", "/v1/models")
    assert status == 200 and [model["id"] for model in answer["data"]] == ["small"]
    assert served.send("GET", "/v1/models/small")[1]["object"] == "model"
    assert served.send("GET", "/v1/models/other")[0] == 404


def test_a_completion_is_what_generate_writes(served: Served, make_model: Callable[..., SavedModel]) -> None:
    answer = served.post("/v1/completions", model="small", prompt="see y", max_tokens=12, seed=7, temperature=0.9)
    engine = Engine(make_model())
    same = engine.generate(WritingContext("see y", "Ann"), sampler=Sampler(temperature=0.9), max_new_tokens=12, seed=7)
    (choice,) = answer["choices"]
    assert choice["text"] == same.text
    assert choice["finish_reason"] == {"end": "stop", "length": "length"}[same.finish_reason]
    assert answer["object"] == "text_completion" and answer["model"] == "small"
    used = answer["usage"]
    assert used["completion_tokens"] == same.tokens and used["prompt_tokens"] == 2 + len("see y")
    assert used["total_tokens"] == used["prompt_tokens"] + used["completion_tokens"]


def test_several_texts_have_seeds_of_their_own(served: Served) -> None:
    answer = served.post("/v1/completions", prompt=["see", "ok"], n=2, max_tokens=20, seed=3)
    texts = [choice["text"] for choice in answer["choices"]]
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2, 3]
    assert texts[0] != texts[1]
    assert texts[0] == served.post("/v1/completions", prompt="see", max_tokens=20, seed=3)["choices"][0]["text"]


def test_a_text_ends_before_a_stop_string(served: Served) -> None:
    (free,) = served.post("/v1/completions", prompt="see", max_tokens=30, seed=1)["choices"]
    stop = free["text"][5:7]
    (stopped,) = served.post("/v1/completions", prompt="see", max_tokens=30, seed=1, stop=stop)["choices"]
    assert stopped["text"] == free["text"][: free["text"].index(stop)]
    assert stopped["finish_reason"] == "stop"


def test_logprobs_are_those_of_the_model_before_sampling(served: Served) -> None:
    (choice,) = served.post("/v1/completions", prompt="see", max_tokens=6, seed=1, logprobs=3, temperature=5)["choices"]
    logs = choice["logprobs"]
    assert "".join(logs["tokens"]) == choice["text"] or choice["finish_reason"] == "stop"
    assert logs["text_offset"][0] == 0
    (greedy,) = served.post("/v1/completions", prompt="see", max_tokens=6, logprobs=3, temperature=0)["choices"]
    rows = (greedy["logprobs"][key] for key in ("tokens", "token_logprobs", "top_logprobs"))
    for token, value, top in zip(*rows, strict=True):
        assert math.isclose(top[token], value) and value == max(top.values()) < 0
        assert sum(map(math.exp, top.values())) <= 1


def test_a_stream_adds_up_to_the_whole_text(served: Served) -> None:
    order = {"prompt": "see", "max_tokens": 25, "seed": 5}
    (whole,) = served.post("/v1/completions", **order)["choices"]
    events = served.events("/v1/completions", **order, stream_options={"include_usage": True})
    assert "".join(choice["text"] for event in events for choice in event["choices"]) == whole["text"]
    assert [choice["finish_reason"] for event in events for choice in event["choices"]][-1] == whole["finish_reason"]
    assert len({event["id"] for event in events}) == 1
    assert events[-1]["choices"] == [] and events[-1]["usage"]["completion_tokens"] > 0


def test_a_chat_is_answered_by_the_other_author(served: Served, make_model: Callable[..., SavedModel]) -> None:
    answer = served.post("/v1/chat/completions", messages=HELLO, max_tokens=20, seed=2, temperature=1)
    same = Engine(make_model()).generate(
        WritingContext("", "Bob", [("Ann", "when?")]), sampler=Sampler(temperature=1), max_new_tokens=20, seed=2
    )
    (choice,) = answer["choices"]
    assert choice["message"]["role"] == "assistant" and choice["message"]["content"] == same.text
    assert answer["object"] == "chat.completion"
    events = served.events("/v1/chat/completions", messages=HELLO, max_tokens=20, seed=2, temperature=1)
    deltas = [choice["delta"] for event in events for choice in event["choices"]]
    assert deltas[0]["role"] == "assistant" and "role" not in deltas[1]
    assert "".join(delta.get("content", "") for delta in deltas) == same.text
    assert {event["object"] for event in events} == {"chat.completion.chunk"}


def test_a_chat_gives_logprobs_with_bytes(served: Served) -> None:
    order = {"messages": HELLO, "max_tokens": 5, "seed": 2, "logprobs": True, "top_logprobs": 2}
    (choice,) = served.post("/v1/chat/completions", **order)["choices"]
    first = choice["logprobs"]["content"][0]
    assert bytes(first["bytes"]).decode() == first["token"] and len(first["top_logprobs"]) == 2


def test_another_model_is_refused(served: Served) -> None:
    status, answer = served.send("POST", "/v1/completions", {"model": "gpt-4", "prompt": "a"})
    assert status == 404 and answer["error"]["code"] == "model_not_found"


def read(*messages: dict[str, object], **fields: object) -> WritingContext:
    order = requests.chat({"messages": [*messages], **fields}, "m", Voices("Ann", "Bob"), Settings())
    (context,) = order.contexts
    return context


def test_roles_are_the_authors_of_the_chat_and_names_are_too() -> None:
    context = read(
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "when?"},
        {"role": "assistant", "content": [{"type": "text", "text": "at "}, {"type": "text", "text": "six"}]},
        {"role": "user", "name": "Carla", "content": "ok"},
    )
    assert context == WritingContext("", "Bob", (("Ann", "when?"), ("Bob", "at six"), ("Carla", "ok")))
    assert read({"role": "user", "content": "a"}, author="Ann").author == "Ann"


def test_the_authors_are_found_in_the_model(make_model: Callable[..., SavedModel]) -> None:
    engine = Engine(make_model())
    assert voices(engine) == Voices("Ann", "Bob")
    assert voices(engine, "Ann") == Voices("Ann", "Ann")


def test_nothing_is_learned_or_stored(served: Served, start: Callable[..., Served], saved: Path, home: Path) -> None:
    server = start()
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    server.post("/v1/chat/completions", messages=HELLO)
    server.post("/v1/completions", prompt="never stored")
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
