"""Laws are checked for as long as they take: the machine may be busy with other tests."""

from hypothesis import settings

settings.register_profile("engine", deadline=None, max_examples=60)
settings.load_profile("engine")
