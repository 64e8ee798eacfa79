"""Building the demo city: who offers what and when (`plan`), then through the same actions as people do."""
