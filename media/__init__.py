"""Uploads and what is made of them: quarantine, checks, derivatives, serving."""
