"""What streams say of the entropy bundle that they need."""

from __future__ import annotations

from dataclasses import dataclass

from tcsdk import _kernels
from tcsdk._kernels import Header
from tcsdk.model.folder import bundle_name


@dataclass(frozen=True)
class SaidBundle:
    """What a stream says of its entropy bundle.

    Attributes:
        short_hash: Of a full stream: the first four bytes of its SHA-256; None in others.
        check: Of a small stream: what `bundle_check` has to give, if the stream is sound.
    """

    short_hash: int | None = None
    check: int | None = None

    @classmethod
    def of(cls, header: Header) -> SaidBundle:
        """From a stream's header; a bare one says nothing."""
        if header.small:
            return cls(check=header.bundle_check)
        return cls() if header.bare else cls(header.bundle_hash)

    def fits(self, short_hash: int) -> bool:
        """Whether a bundle is not another one than the stream says."""
        if self.check is not None:
            return _kernels.bundle_check(short_hash) == self.check
        return self.short_hash in (None, short_hash)

    @property
    def name(self) -> str | None:
        """Its hash in hex, as far as the stream has it; None where it does not."""
        return None if self.short_hash is None else bundle_name(self.short_hash)
