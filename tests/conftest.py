"""What holds for all tests."""

from hypothesis import settings

settings.register_profile("dialtree", deadline=None)  # hypothesis' own, 200 ms, fails where the machine is busy
settings.load_profile("dialtree")
