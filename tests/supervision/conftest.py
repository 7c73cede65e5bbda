"""What the house tests share."""

from tests.world import undone, world

__all__ = ["undone", "world"]
