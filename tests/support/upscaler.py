"""A small net of super-resolution with weights as trained ones are."""

import torch
from torch import nn


def upscaler():
    torch.manual_seed(1)
    net = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 16, 3, padding=1, groups=4),
        nn.ReLU(),
        nn.Conv2d(16, 12, 1),
        nn.PixelShuffle(2),
        nn.Sigmoid(),
    ).eval()
    laplace = torch.distributions.Laplace(0.0, 1.0)  # as trained weights are, initial ones are not
    with torch.no_grad():
        for layer in (net[0], net[2], net[4]):
            layer.weight.copy_(laplace.sample(layer.weight.shape) / layer.weight[0].numel() ** 0.5)
    return net
