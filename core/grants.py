"""What the serving role may not do. Each app says so of its own tables when it starts; `grant_app_role` carries it out.

By default the role reads and writes every row and calls what everybody may call.
"""

_append_only: set[str] = set()
_read_only: set[str] = set()
_functions: set[str] = set()


def keep_append_only(*tables: str) -> None:
    """Rows of these tables are added and read, never changed or deleted."""
    _append_only.update(tables)


def keep_read_only(*tables: str) -> None:
    """Rows of these tables are written by functions of their owner alone."""
    _read_only.update(tables)


def let_call(*functions: str) -> None:
    """The role may call these, "name(types)", which nobody else may."""
    _functions.update(functions)


def append_only() -> list[str]:
    return sorted(_append_only)


def read_only() -> list[str]:
    return sorted(_read_only)


def functions() -> list[str]:
    return sorted(_functions)
