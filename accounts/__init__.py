"""People: identifiers, sessions, profiles, follows, blocks; restrictions and standing as facts that others write."""
