"""All the things of the demo city."""

from demo.goods import home, play, style, tech
from demo.goods.kinds import Kind, Thing

KINDS: tuple[Kind, ...] = (*home.KINDS, *tech.KINDS, *style.KINDS, *play.KINDS)

__all__ = ["KINDS", "Kind", "Thing"]
