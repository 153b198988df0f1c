"""How unlike the float codec the halves of a quantised one are, each on what the float one makes.

An encoder is to send the latents that the float encoder sends, a decoder to draw the picture that
the float decoder draws of them: so streams of every precision decode alike with every other, which
a loss of the whole codec does not see to.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.gains import whole_steps
from tcsdk.models.codecs.likelihood import (
    NUM_SCALES,
    gaussian_bits,
    scale_of_index,
)
from tcsdk.quant.judge.objectives import Part

# An error of z changes what r is measured from, but encoder and decoder agree on it.
HYPER_SHARE = 0.1
NO_TEXT_WEIGHT = 0.2  # of errors where the detector sees no text, where text counts
LEAST_DISTORTION = 1e-6  # mean squared error, pixels in 0..1: no picture is reproduced better
ROUNDING = 1 / 12  # mean squared error of rounding r, in steps


def distillation_loss(part: Part, net: Codec, x: Tensor, quality: Tensor, by_text: bool) -> Tensor:
    """Squared errors, percent: of r and z of their rounding's, of the picture of its distortion.

    To them come the bits that errors of r take, percent of all bits of r, text or not: what is
    hardly ever anything but zero costs little when it is wrong and much to send.

    Args:
        part: runs a part of the quantised codec by its name.
        net: the float codec.
        x: (N, 3, H, W) in 0..1, H and W multiples of 64.
        quality: (N,) int64 in 0..63.
        by_text: whether errors count by the float codec's text detector.
    """
    with torch.no_grad():
        y, features = net.analyse(x - 0.5)
        text, asked = net.detector(features)
        offsets = None if asked is None else whole_steps(asked)
        latents = net.latents(y, quality, offsets, part)
        index = latents.index.clamp(0, NUM_SCALES - 1)
        bits = (gaussian_bits(torch.round(latents.r), index) * latents.coded).sum().clamp(min=1.0)
        y_hat = latents.decode(latents.r_hat)
        drawn = net.g_s(y_hat)
        seen = torch.ones_like(features[:, :1])
        if by_text:
            seen = torch.sigmoid(text) + NO_TEXT_WEIGHT
        counted, weight = latents.coded * seen, nn.functional.interpolate(seen, x.shape[-2:])
        distortion = ((drawn + 0.5 - x).square() * weight).mean((1, 2, 3)) + LEAST_DISTORTION
    y_got = part("g_a", x - 0.5)
    power = ((y_got - y) * latents.gain).square()
    r_error = (power * counted).sum() / counted.sum().clamp(min=1e-6)
    # A Gaussian with that much more variance is so much longer to tell.
    variance = scale_of_index(index).square() + ROUNDING
    more_bits = 0.5 * torch.log2(1 + power / variance) * latents.coded
    z_error = (part("h_a", y_got) * net.gains.z_gain_at(quality) - latents.z).square()
    picture_error = ((part("g_s", y_hat) - drawn).square() * weight).mean((1, 2, 3))
    sent = (r_error + HYPER_SHARE * z_error.mean()) / ROUNDING + more_bits.sum() / bits
    total: Tensor = 100 * (sent + (picture_error / distortion).mean())
    return total
