"""The one-pass cross-entropy is torch's, loss and gradient."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from trainers.cross_entropy import cross_entropy
from trainers.data import IGNORED


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_loss_and_gradient_equal_torch_s(smoothing: float) -> None:
    torch.manual_seed(0)
    logits = (5 * torch.randn(40, 17)).requires_grad_()
    targets = torch.randint(0, 17, (40,))
    targets[::5] = IGNORED
    ours = cross_entropy(logits, targets, smoothing)
    (3 * ours).backward()
    gradient, logits.grad = logits.grad, None
    theirs = F.cross_entropy(logits, targets, ignore_index=IGNORED, label_smoothing=smoothing)
    (3 * theirs).backward()
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(gradient, logits.grad)


def test_huge_logits_do_not_overflow() -> None:
    logits = torch.tensor([[1e4, -1e4, 0.0]], dtype=torch.bfloat16, requires_grad=True)
    loss = cross_entropy(logits, torch.tensor([0]))
    loss.backward()
    assert loss.item() == 0.0
    assert torch.isfinite(logits.grad).all()
