"""Reports, the queue of cases, decisions and their undoing, and the registry of what can be moderated."""
