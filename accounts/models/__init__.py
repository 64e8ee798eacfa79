"""People, how they stand and follow each other, addresses, sessions, proofs, and data that leaves."""

from accounts.models.addresses import Address
from accounts.models.identifiers import Challenge, IdentifierChange
from accounts.models.links import Block, Follow
from accounts.models.own_data import DataExport, Erasure
from accounts.models.people import User, UserManager, display_name
from accounts.models.sessions import Device, RefreshToken, Session, SocketTicket
from accounts.models.standing import Restriction, SellerStanding

__all__ = [
    "Address",
    "Block",
    "Challenge",
    "DataExport",
    "Device",
    "Erasure",
    "Follow",
    "IdentifierChange",
    "RefreshToken",
    "Restriction",
    "SellerStanding",
    "Session",
    "SocketTicket",
    "User",
    "UserManager",
    "display_name",
]
