"""How every JSON door behaves: problems, pages, keys, revisions, limits, schema."""
