"""Operations for migrations."""

from typing import Any

from django.db.migrations.operations import SeparateDatabaseAndState


class WordsOnly(SeparateDatabaseAndState):
    """Many fields get another label and nothing else: no SQL, and the models of the state are built again once and not for each."""

    def state_forwards(self, app_label: str, state: Any) -> None:
        state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)
