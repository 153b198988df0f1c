"""The rows of perception.csv: what names one, and of which pictures it is."""

FILE = "perception.csv"
NAMED_BY = ("set", "codec", "setting")
# Set -> a captioned set, and how names of its pictures begin.
PARTS = {
    "kodak": ("natural-short", "kodim"),
    "cid22": ("natural-short", "cid22val"),
    "rendered": ("rendered", "rendered"),
}
ORIGINAL = "original"  # the codec that is none
