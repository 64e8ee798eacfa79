"""What happens to people, as others hear of it."""

import uuid

from core.events import Event, event


@event("accounts.person_registered")
class PersonRegistered(Event):
    user_id: uuid.UUID


@event("accounts.code_requested")
class CodeRequested(Event):
    """A code or link is to be sent; whoever sends it derives it from the challenge's id."""

    challenge_id: uuid.UUID


@event("accounts.identifier_verified")
class IdentifierVerified(Event):
    user_id: uuid.UUID
    channel: str


@event("accounts.identifier_changed")
class IdentifierChanged(Event):
    user_id: uuid.UUID
    channel: str
    change_id: uuid.UUID | None = None  # says what it was before
    old_value: str = ""  # of events that were written before `change_id` was: an address has no place in a queue


@event("accounts.signed_in_on_new_device")
class SignedInOnNewDevice(Event):
    user_id: uuid.UUID
    session_id: uuid.UUID


@event("accounts.refresh_token_reused")
class RefreshTokenReused(Event):
    """A used refresh token came back: the family was revoked."""

    user_id: uuid.UUID
    session_id: uuid.UUID


@event("accounts.session_revoked")
class SessionRevoked(Event):
    user_id: uuid.UUID
    session_id: uuid.UUID


@event("accounts.password_changed")
class PasswordChanged(Event):
    user_id: uuid.UUID


@event("accounts.selling_started")
class SellingStarted(Event):
    user_id: uuid.UUID


@event("accounts.selling_stopped")
class SellingStopped(Event):
    """The person sells no more; whoever shows their things for sale takes them off."""

    user_id: uuid.UUID


@event("accounts.person_followed")
class PersonFollowed(Event):
    follower_id: uuid.UUID
    followed_id: uuid.UUID


@event("accounts.person_blocked")
class PersonBlocked(Event):
    blocker_id: uuid.UUID
    blocked_id: uuid.UUID


@event("accounts.person_restricted")
class PersonRestricted(Event):
    user_id: uuid.UUID
    restriction_id: uuid.UUID


@event("accounts.restriction_lifted")
class RestrictionLifted(Event):
    user_id: uuid.UUID
    restriction_id: uuid.UUID


@event("accounts.export_requested")
class ExportRequested(Event):
    export_id: uuid.UUID


@event("accounts.export_ready")
class ExportReady(Event):
    export_id: uuid.UUID


@event("accounts.erasure_requested")
class ErasureRequested(Event):
    user_id: uuid.UUID
    erasure_id: uuid.UUID


@event("accounts.person_erased")
class PersonErased(Event):
    """The person's own data is gone; whoever keeps copies (files, documents) erases them now."""

    user_id: uuid.UUID
