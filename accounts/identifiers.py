"""Reading what people type for themselves: an email address, a phone number, a username."""

import hashlib
import re
from dataclasses import dataclass

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.errors import (
    NotAnEmail,
    NotAnIdentifier,
    NotAPhone,
    NotAUsername,
    PhoneNotSupported,
    UsernameReserved,
)
from accounts.states import Channel

USERNAME_PATTERN = r"[A-Za-z0-9](?:[A-Za-z0-9_.]{1,28})[A-Za-z0-9]"
_PHONE_LIKE = re.compile(
    r"[\d\s+().\-/\u200e\u200f\u202a-\u202e\u2066-\u2069]{3,40}"
)  # digits of any script, marks of direction
_ONLY_DIGITS = re.compile(r"[0-9_.]+")  # could be taken for a phone number


@dataclass(frozen=True)
class Identifier:
    """A lower-case email address or an E.164 phone number, and the channel that reaches it."""

    channel: str
    value: str

    @property
    def field(self) -> str:
        """The column of a person that holds it."""
        return "email" if self.channel == Channel.EMAIL else "phone"

    @property
    def digest(self) -> str:
        """For rate-limit keys, which must not hold the address itself."""
        return digest(self.value)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def read_email(text: str) -> Identifier:
    """Raises NotAnEmail."""
    value = text.strip().lower()
    try:
        validate_email(value)
    except ValidationError:
        raise NotAnEmail from None
    if len(value) > 254:
        raise NotAnEmail
    return Identifier(Channel.EMAIL, value)


def read_phone(text: str) -> Identifier:
    """A number with its country code, or a local one of the default region. Raises NotAPhone."""
    if not _PHONE_LIKE.fullmatch(str(text)):
        raise NotAPhone  # the library would read the digits out of a username
    try:
        number = phonenumbers.parse(str(text), settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        raise NotAPhone from None
    if not phonenumbers.is_valid_number(number):
        raise NotAPhone
    return Identifier(Channel.SMS, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def read_identifier(text: str) -> Identifier:
    """An email address or a phone number. Raises NotAnIdentifier."""
    try:
        return read_email(text) if "@" in text else read_phone(text)
    except (NotAnEmail, NotAPhone):
        raise NotAnIdentifier from None


def check_sms_reaches(identifier: Identifier) -> None:
    """Raises PhoneNotSupported for numbers outside the countries to which SMS are sent (`OTP_SMS_PREFIXES`)."""
    if identifier.channel == Channel.SMS and not identifier.value.startswith(tuple(settings.OTP_SMS_PREFIXES)):
        raise PhoneNotSupported


def check_username(username: str) -> str:
    """Return the username as it is kept. Raises NotAUsername, UsernameReserved."""
    username = username.strip()
    if not re.fullmatch(USERNAME_PATTERN, username) or _ONLY_DIGITS.fullmatch(username):
        raise NotAUsername
    if username.lower() in settings.RESERVED_USERNAMES:
        raise UsernameReserved
    return username
