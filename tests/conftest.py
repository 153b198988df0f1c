"""For all tests: hypothesis without deadlines, because timing is never a test."""

from hypothesis import settings

settings.register_profile("tcsdk", deadline=None)
settings.load_profile("tcsdk")
