"""Telling people: the words, the channels, the preferences."""
