"""Who follows and who blocks whom."""

from django.db import models
from django.utils import timezone

from accounts.models.people import User
from core.ids import uuid7


class Follow(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    follower = models.ForeignKey(User, on_delete=models.CASCADE, related_name="following_links")
    followed = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follower_links")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["follower", "followed"], name="accounts_follow_once"),
            models.CheckConstraint(condition=~models.Q(follower=models.F("followed")), name="accounts_follow_not_self"),
        )
        indexes = (
            models.Index(fields=["followed", "-id"], name="accounts_followers"),
            models.Index(fields=["follower", "-id"], name="accounts_following"),
        )

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.followed_id}"


class Block(models.Model):
    """Neither sees nor reaches the other, whoever of the two blocked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Both are led by an index below already; each further one costs the planner time in all that asks who may see what.
    blocker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks_made", db_index=False)
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks_received", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["blocker", "blocked"], name="accounts_block_once"),
            models.CheckConstraint(condition=~models.Q(blocker=models.F("blocked")), name="accounts_block_not_self"),
        )
        indexes = (
            models.Index(fields=["blocker", "-id"], name="accounts_blocks_newest"),
            models.Index(fields=["blocked", "blocker"], name="accounts_blocked_by"),
        )

    def __str__(self) -> str:
        return f"{self.blocker_id} ⊘ {self.blocked_id}"
