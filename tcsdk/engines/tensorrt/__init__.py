"""Engine plans: what they were built for, where they lie, how they are built and verified."""

from tcsdk.engines.tensorrt.key import PlanKey, key_of_graph
from tcsdk.engines.tensorrt.profiles import DEFAULT_SHAPES, Profile, parse_profile
from tcsdk.engines.tensorrt.store import PlanStore

__all__ = [
    "DEFAULT_SHAPES",
    "PlanKey",
    "PlanStore",
    "Profile",
    "key_of_graph",
    "parse_profile",
]
