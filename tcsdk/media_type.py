"""How others know a stream: its first bytes, its suffix, and its media type."""

MAGIC = b"\xf4TC"
BARE = b"\xe1"  # of bare streams; too little to know a file by
SUFFIX = ".tcs"
MEDIA_TYPE = "image/x-tcs"
