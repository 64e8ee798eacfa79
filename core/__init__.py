"""The shared kernel: words and machinery that every app uses. No domain noun lives here."""
