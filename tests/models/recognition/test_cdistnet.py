import pytest
import torch

from tcsdk.models.recognition.cdistnet import (
    BEGIN,
    CLASSES,
    END,
    LONGEST,
    SMALL,
    Cdistnet,
    CdistnetConfig,
)

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def net() -> Cdistnet:
    torch.manual_seed(0)
    return Cdistnet(SMALL).eval()


@pytest.fixture(scope="module")
def crops() -> torch.Tensor:
    return torch.rand(2, 3, 32, 128, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("config", "count", "seen"),
    [(CdistnetConfig(), 46_944_776, (64, 512)), (SMALL, 4_739_728, (64, 192))],
    ids=["published", "cdistnet-s"],
)
def test_parameters_are_counted_and_what_is_seen_has_its_size(config, count, seen):
    with torch.device("meta"):
        net = Cdistnet(config)
        assert sum(p.numel() for p in net.parameters()) == count
    with torch.no_grad():
        trunk = Cdistnet(config).eval().visual
        assert trunk(torch.rand(1, 3, 32, 128)).shape == (1, *seen)


def test_a_character_depends_on_those_before_it_alone(net, crops):
    characters = torch.tensor([[BEGIN, 3, 7, 1], [BEGIN, 3, 7, 9]])
    with torch.no_grad():
        one, other = net(crops[:1].expand(2, -1, -1, -1), characters)
    torch.testing.assert_close(one[:3], other[:3])
    assert not torch.allclose(one[3], other[3])
    assert one.shape == (4, CLASSES)


def test_reading_is_what_the_net_says_of_its_own_characters(net, crops):
    characters, sure = net.read(crops)
    assert characters.shape == sure.shape == (2, LONGEST)
    before = torch.cat([torch.full((2, 1), BEGIN), characters[:, :-1]], 1)
    with torch.no_grad():
        said = net(crops, before).softmax(-1).max(-1)
    for word, best, own, p in zip(characters, said.indices, sure, said.values, strict=True):
        ends = torch.nonzero(word == END)
        length = int(ends[0]) + 1 if len(ends) else LONGEST
        torch.testing.assert_close(word[:length], best[:length])
        torch.testing.assert_close(own[:length], p[:length])
        assert (word[length:] == END).all()


def test_nothing_is_read_behind_the_end(net, crops):
    with torch.no_grad():
        net.classes.weight[END].add_(10 * net.classes.weight.mean(0).sign())
        logits = net(crops, torch.full((2, 1), BEGIN))
        words, sure = net.read(crops)
    ended = logits[:, 0].argmax(-1) == END
    assert (words[ended] == END).all()
    assert (sure[ended, 1:] == 1).all()
