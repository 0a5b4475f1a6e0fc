"""FTRL-Proximal (McMahan et al. 2013, "Ad Click Prediction: a View from the Trenches", Algorithm 1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import Optimizer

BETA = 1e-3  # the paper's 1 suits gradients near 1; those of a network with clipped gradients are near 1e-3


class Ftrl(Optimizer):
    """Per weight, the step minimises g w + 1/2 sum sigma (w - w_s)^2 + l1 |w| + l2/2 w^2 over all steps s so far.

    `lr` is the paper's alpha. The paper keeps it constant; here it may follow a schedule, so sigma is the growth of the
    inverse rate (beta + root of the sum of g^2) / alpha, which for a constant alpha is the paper's. And a network
    cannot begin from zero as the paper's regression does: z begins so that the first weights are those given.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 0.1, l1: float = 0.0, l2: float = 0.0, beta: float = BETA
    ) -> None:
        super().__init__(params, {"lr": lr, "l1": l1, "l2": l2, "beta": beta, "weight_decay": 0.0})

    def step(self, closure: None = None) -> None:
        with torch.no_grad():
            for group in self.param_groups:
                for weight in group["params"]:
                    if weight.grad is not None:
                        self._update(weight, weight.grad, group)

    def _update(self, weight: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        alpha, beta, l1, l2 = max(group["lr"], 1e-12), group["beta"], group["l1"], group["l2"]
        state = self.state[weight]
        if not state:
            state["n"] = torch.zeros_like(weight)  # the sum of squared gradients
            state["inverse_rate"] = torch.full_like(weight, beta / alpha)
            state["z"] = -weight * (state["inverse_rate"] + l2) - l1 * weight.sign()
        n, z, inverse_rate = state["n"], state["z"], state["inverse_rate"]
        n.add_(gradient**2)
        slower = (beta + n.sqrt()) / alpha
        z.add_(gradient - (slower - inverse_rate) * weight)
        inverse_rate.copy_(slower)
        weight.copy_(-(z - z.clamp(-l1, l1)) / (slower + l2))
