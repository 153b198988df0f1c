"""How others know a stream: its first bytes, its suffix, and its media type."""

MAGIC = b"\xf4TC"
# Of small streams, with the wire id behind it, and of bare ones; too little to know a file by.
_SMALL_IDS = (*range(1, 16), *range(0xF0, 0x100))
SMALL = tuple(bytes([first, wire_id]) for first in range(0xD0, 0xE0) for wire_id in _SMALL_IDS)
BARE = b"\xe1"
SUFFIX = ".tcs"
MEDIA_TYPE = "image/x-tcs"
