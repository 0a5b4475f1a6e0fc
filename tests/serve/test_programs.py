"""Programs that speak the OpenAI API complete, chat and stream: the packages `openai` and `llm`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serve.conftest import Served

pytestmark = pytest.mark.slow


def test_the_openai_package_lists_completes_chats_and_streams(served: Served) -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=served.url, api_key=served.token) as client:
        assert [model.id for model in client.models.list()] == ["small"]
        text = client.completions.create(model="small", prompt="see y", max_tokens=8, seed=1, logprobs=2, stop=["\n\n"])
        assert text.choices[0].text and len(text.choices[0].logprobs.tokens) == text.usage.completion_tokens
        messages = [{"role": "user", "content": "when?"}]
        chat = client.chat.completions.create(model="small", messages=messages, max_tokens=30, seed=4)
        parts = client.chat.completions.create(
            model="small", messages=messages, max_tokens=30, seed=4, stream=True, stream_options={"include_usage": True}
        )
        seen = list(parts)
        content = "".join(choice.delta.content or "" for part in seen for choice in part.choices)
        assert content == chat.choices[0].message.content
        assert seen[-1].usage.completion_tokens == chat.usage.completion_tokens
        with pytest.raises(openai.NotFoundError):
            client.completions.create(model="other", prompt="a")
    with openai.OpenAI(base_url=served.url, api_key="wrong") as stranger, pytest.raises(openai.AuthenticationError):
        stranger.models.list()


@pytest.mark.parametrize("options", [[], ["--no-stream"]], ids=["stream", "whole"])
def test_the_llm_command_chats(served: Served, tmp_path: Path, options: list[str]) -> None:
    pytest.importorskip("llm")
    (tmp_path / "extra-openai-models.yaml").write_text(
        f"- model_id: mine\n  model_name: small\n  api_base: {served.url}\n  api_key_name: mine\n", "utf-8"
    )
    command = [sys.executable, "-m", "llm", "-m", "mine", "--key", served.token, "when?", "-o", "max_tokens", "20"]
    environment = {**os.environ, "LLM_USER_PATH": str(tmp_path)}
    done = subprocess.run(
        [*command, *options], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
