"""`tui-lm generate`: text that the model writes."""

from __future__ import annotations

from typing import Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.safe_text import visible


def generate(
    prompt: Annotated[str, typer.Argument(help="Text that the model continues.")] = "",
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    max_new_tokens: Annotated[int, typer.Option(min=0, help="Maximum number of tokens to generate.")] = 200,
    temperature: Annotated[
        float | None, typer.Option(help="Softmax temperature; lower is more predictable, 0 is greedy.")
    ] = None,
    top_k: Annotated[int | None, typer.Option(help="Sample from the K most probable tokens; 0 turns it off.")] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Sample from the most probable tokens with total probability P (nucleus).")
    ] = None,
    min_p: Annotated[
        float | None, typer.Option(help="Sample from tokens at least P times as probable as the best one.")
    ] = None,
    repeat_penalty: Annotated[float | None, typer.Option(help="Above 1, recent tokens become less probable.")] = None,
    stop: Annotated[list[str] | None, typer.Option(help="Stop before this string. Repeatable.")] = None,
    seed: Annotated[int | None, typer.Option(help="Random seed.")] = None,
    author: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="AUTHOR", help="The author who writes. Default: the one given with --me in training."
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="cpu; for a large LLaMA also cuda, mps or auto.")] = "cpu",
    json_output: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: text, tokens, finish_reason.")
    ] = False,
) -> None:
    """Continue PROMPT with a model. The text is printed as it is generated."""
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
            f"note: the context of this model is {engine.context} tokens; it did not see the text before them", err=True
        )
    model_option.remember_model(folder)
