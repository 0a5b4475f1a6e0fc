"""`tui-lm generate`: text as the model writes it."""

from __future__ import annotations

from typing import Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.safe_text import visible


def generate(
    prompt: Annotated[str, typer.Argument(help="The beginning, which the model continues.")] = "",
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    max_new_tokens: Annotated[int, typer.Option(min=0, help="At most so many tokens.")] = 200,
    temperature: Annotated[float | None, typer.Option(help="0 is greedy, 1 as learned.")] = None,
    top_k: Annotated[int | None, typer.Option(help="Only the K most probable tokens; 0 is off.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Only the most probable tokens that make up P.")] = None,
    min_p: Annotated[float | None, typer.Option(help="Only tokens at least P times as probable as the best.")] = None,
    repeat_penalty: Annotated[float | None, typer.Option(help="Above 1, recent tokens come less often.")] = None,
    stop: Annotated[list[str] | None, typer.Option(help="End before this string; may be given again.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same text.")] = None,
    author: Annotated[str | None, typer.Option("--as", metavar="AUTHOR", help="Who writes.")] = None,
    device: Annotated[str, typer.Option(help="cpu, or for a large LLaMA cuda, mps or auto.")] = "cpu",
    json_output: Annotated[bool, typer.Option("--json", help="One JSON object: text, tokens, finish_reason.")] = False,
) -> None:
    """Continue PROMPT with a model, or let it begin. Text goes to stdout as it is written."""
    import sys
    from dataclasses import asdict

    from tui_lm.engine import Engine
    from tui_lm.sampling import Sampler
    from tui_lm.settings import load_settings
    from tui_lm.tokenizers.stream import WritingContext

    settings, _ = load_settings()
    sampler = Sampler.from_settings(
        settings, temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p, repeat_penalty=repeat_penalty
    )
    folder = model_option.resolve_model(model)
    if device != "cpu":
        from trainers.device import choose  # imports torch

        device = choose(device)
    engine = Engine.open(folder, device)
    if not json_output and prompt:
        sys.stdout.write(prompt)

    def show(piece: str) -> None:
        sys.stdout.write(visible(piece))
        sys.stdout.flush()

    answer = engine.generate(
        WritingContext(prompt, author if author is not None else engine.me),
        on_text=None if json_output else show,
        sampler=sampler,
        max_new_tokens=max_new_tokens,
        stop=stop or (),
        seed=seed,
    )
    if json_output:
        import json

        print(json.dumps(asdict(answer), ensure_ascii=False))
    else:
        print()
    if engine.context is not None and len(engine.tokenizer.encode(prompt)) + answer.tokens + 2 > engine.context:
        typer.echo(
            f"note: this model looks back at {engine.context} tokens; what came before them it had forgotten", err=True
        )
    model_option.remember_model(folder)
