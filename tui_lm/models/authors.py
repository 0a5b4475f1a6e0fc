"""The vectors of the authors of a chat, one of which is added to the embedding of every token of a message.

An author who is named only by a token before the message has to be remembered by the network until its end.

Shapes: T time, B batch, D embedding. An author is a row of the table; NOBODY where a message names none.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tui_lm.tokenizers.specials import BEGIN, OTHER

NOBODY, SAME = -1, -2


class AuthorVectors(nn.Module):
    """`says` [V] is what each token says of the author from here on: a row, NOBODY, or SAME."""

    says: Tensor

    def __init__(self, vocab_size: int, authors: int, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(authors, dim))
        says = torch.full((vocab_size,), SAME)
        says[BEGIN] = NOBODY
        says[OTHER : OTHER + authors] = torch.arange(authors)
        self.register_buffer("says", says, persistent=False)

    def who(self, tokens: Tensor, before: Tensor | None) -> Tensor:
        """The author [T, B] at each of `tokens`; `before` [1, B] is the author of the token before the first."""
        told = self.says[tokens]
        start = torch.full_like(told[:1], NOBODY) if before is None else before
        known = torch.cat([start, told])
        times = torch.arange(len(known), device=tokens.device)[:, None]
        latest = torch.where(known == SAME, 0, times).cummax(dim=0).values
        return known.gather(0, latest)[1:]

    def forward(self, who: Tensor) -> Tensor:
        """The vectors [T, B, D], zero where there is no author."""
        return F.embedding(who.clamp(min=0), self.weight) * (who >= 0)[..., None]
