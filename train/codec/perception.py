"""What TACO's loss asks besides bits and squared errors: features, and the captions' map."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from tcsdk.train.codec.data import Batch
from tcsdk.train.codec.features import Classifier, features_apart, given_features
from tcsdk.train.codec.joint_map import JointMap, joint_loss
from tcsdk.train.run.weights import load_weights


class Perception(nn.Module):
    """A frozen classifier, and the frozen map of pictures and captions where there is one.

    Args:
        joint: weights of the map, or None for none.

    Raises:
        FileNotFoundError: there are none at that path.
        ModuleNotFoundError: the classifier's weights are not installed.
    """

    def __init__(self, joint: Path | None) -> None:
        super().__init__()
        self.classifier = Classifier.load()
        self.joint = JointMap() if joint else None
        if self.joint and joint:
            self.joint.load_state_dict(load_weights(joint))
            self.joint.requires_grad_(False)

    def forward(self, batch: Batch, x_hat: Tensor) -> tuple[Tensor, Tensor]:
        """Return how far pictures are from what became of them: by features, (N,), and jointly, ().

        Args:
            batch: N pictures with their captions.
            x_hat: (N, 3, H, W) in 0..1, what became of them.
        """
        told = given_features(self.classifier, batch.pictures)
        made = self.classifier.features(x_hat)
        apart = features_apart(told, made)
        if self.joint is None or batch.described is None:
            return apart, apart.new_zeros(())
        return apart, joint_loss(self.joint, told, made, batch.described)
