"""The linear-chain CRF as it is trained (Lafferty, McCallum & Pereira 2001).

The score of tags y of a sentence of N words is first[y_1] + sum_t scores[t, y_t] + sum_t transitions[y_t, y_(t+1)] +
last[y_N], and its probability is exp(score) over the sum of exp(score) of all sequences of tags.

Shapes: T time, B sentences, K tags. Padding follows each sentence. All sums are in float32 or float64.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Crf(nn.Module):
    """`transitions[i, j]` is the score of tag j after tag i."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.zeros(tags))
        self.last = nn.Parameter(torch.zeros(tags))
        self.transitions = nn.Parameter(torch.zeros(tags, tags))

    def loss(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """-log p of each sentence's `tags` [T, B] [B], for scores [T, B, K] of which the first `lengths` [B] count."""
        return self.log_partition(scores, lengths) - self.score(scores, tags, lengths)

    def score(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """The scores [B] of the sequences `tags`."""
        there = (torch.arange(len(scores), device=scores.device)[:, None] < lengths).to(scores.dtype)
        of_words = scores.gather(2, tags[:, :, None]).squeeze(2) * there
        of_moves = self.transitions[tags[:-1], tags[1:]] * there[1:]
        ends = tags.gather(0, (lengths - 1)[None])[0]
        return of_words.sum(dim=0) + of_moves.sum(dim=0) + self.first[tags[0]] + self.last[ends]

    def log_partition(self, scores: Tensor, lengths: Tensor) -> Tensor:
        """The logarithm [B] of the sum over all sequences of tags, by the forward algorithm."""
        highest = self.transitions.max().detach()
        moves = (self.transitions - highest).exp()
        alpha = self.first + scores[0]
        for t in range(1, len(scores)):
            peak = alpha.amax(dim=1, keepdim=True).detach()
            summed = (alpha - peak).exp() @ moves  # one product a step: log-sum-exp over B x K x K takes longer
            following = summed.clamp(min=1e-30).log() + peak + highest + scores[t]
            alpha = torch.where((t < lengths)[:, None], following, alpha)
        return (alpha + self.last).logsumexp(dim=1)
