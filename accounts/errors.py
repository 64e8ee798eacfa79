"""What people, sessions and codes can be refused for."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotAllowed, NotFound, Refusal, TooMany

# --- who and what is not there -------------------------------------------------------------------------------------


class PersonNotFound(NotFound):
    """There is no such person, or none that the caller may see: suspended, erased, blocked by or blocking them."""

    code = "accounts.person_not_found"
    detail = _("There is no such person here.")


class AddressNotFound(NotFound):
    code = "accounts.address_not_found"
    detail = _("You have no such address.")


class DeviceNotFound(NotFound):
    code = "accounts.device_not_found"
    detail = _("You have no such device.")


class SessionNotFound(NotFound):
    code = "accounts.session_not_found"
    detail = _("You have no such session.")


class ExportNotFound(NotFound):
    code = "accounts.export_not_found"
    detail = _("You have no such export.")


class ChangeNotFound(NotFound):
    code = "accounts.change_not_found"
    detail = _("There is no such change under way.")


class NoErasure(NotFound):
    code = "accounts.no_erasure"
    detail = _("You have not asked for your account to be deleted.")


# --- joining -------------------------------------------------------------------------------------------------------


class IdentifierRequired(Invalid):
    code = "accounts.identifier_required"
    attr = "email"
    detail = _("Give an email address or a phone number, so that you can get back in.")


class NotAnIdentifier(Invalid):
    """Neither an email address nor a phone number."""

    code = "accounts.not_an_identifier"
    attr = "identifier"
    detail = _("This is neither an email address nor a phone number.")


class NotAnEmail(Invalid):
    code = "accounts.not_an_email"
    attr = "email"
    detail = _("This is not an email address.")


class NotAPhone(Invalid):
    code = "accounts.not_a_phone"
    attr = "phone"
    detail = _("This is not a phone number. Write it with its country code, such as +971 50 123 4567.")


class PhoneNotSupported(Invalid):
    """SMS go to listed countries only, because fraudsters earn by making us send them elsewhere."""

    code = "accounts.phone_not_supported"
    attr = "phone"
    detail = _("We cannot send SMS to this country yet. Use an email address.")


class NotAUsername(Invalid):
    code = "accounts.not_a_username"
    attr = "username"
    detail = _(
        "A username has 3 to 30 Latin letters, digits, dots and underscores, begins and ends with a letter or digit, "
        "and is not a number."
    )


class UsernameReserved(Invalid):
    code = "accounts.username_reserved"
    attr = "username"
    detail = _("This username is kept for the people who run this place.")


class WeakPassword(Invalid):
    """The password is too easy to guess; `problems` lists why."""

    code = "accounts.weak_password"
    attr = "password"
    detail = _("{problems}")


class UsernameTaken(Refusal):
    code = "accounts.username_taken"
    attr = "username"
    detail = _("Somebody has this username already.")


class EmailTaken(Refusal):
    code = "accounts.email_taken"
    attr = "email"
    detail = _("There is an account with this email address already. Sign in, or ask for a new password.")


class PhoneTaken(Refusal):
    code = "accounts.phone_taken"
    attr = "phone"
    detail = _("There is an account with this phone number already. Sign in, or ask for a new password.")


# --- signing in ----------------------------------------------------------------------------------------------------


class WrongCredentials(Refusal):
    """The same for an unknown identifier and a wrong password."""

    code = "accounts.wrong_credentials"
    status = 401
    title = _("Not signed in")
    detail = _("This name and password do not belong together.")


class LockedOut(TooMany):
    code = "accounts.locked_out"
    title = _("Too many failed sign-ins")
    detail = _("Too many sign-ins failed. Wait a while, or sign in with a one-time code.")


class TooManyCodes(TooMany):
    code = "accounts.too_many_codes"
    detail = _("We have sent several codes already. Look for the last one, or wait a while.")


class TooManyRegistrations(TooMany):
    code = "accounts.too_many_registrations"
    detail = _("Many accounts were opened from here. Try again later.")


class WrongCode(Invalid):
    """Wrong, used, too old, tried too often, or never sent: always the same answer."""

    code = "accounts.wrong_code"
    attr = "code"
    detail = _("This code is wrong or no longer valid. Ask for a new one.")


class WrongResetLink(Invalid):
    code = "accounts.wrong_reset_link"
    attr = "token"
    detail = _("This link was used or is too old. Ask for a new one.")


class WrongPassword(NotAllowed):
    code = "accounts.wrong_password"
    attr = "password"
    detail = _("This is not your password.")


class ConfirmationRequired(NotAllowed):
    """A serious step wants the password once more, or a code where there is no password."""

    code = "accounts.confirmation_required"
    attr = "password"
    detail = _("Confirm it with your password, or with a code that we send you.")


class AccountBehindEmail(Refusal):
    """Tying the two together would let whoever typed the address into one of them into the other."""

    code = "accounts.account_behind_email"
    detail = _(
        "There is an account here with the same email address. Sign in to it first, then connect {provider} in its settings."
    )


class NoEmailGiven(Refusal):
    code = "accounts.no_email_given"
    detail = _("{provider} did not tell us your email address. Join with an address or a phone number instead.")


class LinkedElsewhere(Refusal):
    code = "accounts.linked_elsewhere"
    detail = _("This {provider} account is connected to somebody else here.")


class LinkNotFound(NotFound):
    code = "accounts.link_not_found"
    detail = _("No such account is connected to yours.")


class LastWayIn(Refusal):
    code = "accounts.last_way_in"
    detail = _("This is your only way in. Set a password or prove an address first.")


class WrongSecondFactor(Invalid):
    code = "accounts.wrong_second_factor"
    attr = "code"
    detail = _("This code does not fit. Take the newest one of your app, or a recovery code that you have not used.")


class SecondFactorSetUp(Refusal):
    code = "accounts.second_factor_set_up"
    detail = _("You have a second factor already. Ask another administrator to remove it if your phone is gone.")


class InvalidToken(Refusal):
    """Not one of our tokens, or no longer one."""

    code = "accounts.invalid_token"
    status = 401
    title = _("Not signed in")
    detail = _("This token is not valid. Refresh it, or sign in again.")


class SessionEnded(Refusal):
    code = "accounts.session_ended"
    status = 401
    title = _("Not signed in")
    detail = _("This session has ended. Sign in again.")


class InvalidTicket(Refusal):
    """Unknown, used or late: always the same answer."""

    code = "accounts.invalid_ticket"
    status = 401
    title = _("Not signed in")
    detail = _("This ticket was used or is too old. Ask for a new one.")


class RefreshTokenUsedTwice(Refusal):
    """A used refresh token came back, so somebody else may hold a copy: the whole session is over."""

    code = "accounts.refresh_token_reused"
    status = 401
    title = _("Not signed in")
    detail = _("This refresh token was used before. For your safety the session has ended. Sign in again.")


# --- what a person may not do --------------------------------------------------------------------------------------


class Suspended(NotAllowed):
    code = "accounts.suspended"
    title = _("Account suspended")
    detail = _("Your account is suspended. Your notices say why, until when, and how to object.")


class Restricted(NotAllowed):
    """A restriction short of suspension is in force; `kind` says which."""

    code = "accounts.restricted"
    detail = _("A restriction on your account does not let you do this. Your notices say why and until when.")


class NotASeller(NotAllowed):
    code = "accounts.not_a_seller"
    detail = _("Switch selling on first.")


class NotVerified(NotAllowed):
    code = "accounts.not_verified"
    detail = _("Prove your email address or phone number first: ask for a code.")


class NotYourself(Refusal):
    """Following, blocking and messaging need two people."""

    code = "accounts.not_yourself"
    detail = _("This is you.")


class NotByYourself(NotAllowed):
    code = "accounts.not_by_yourself"
    detail = _("Nobody changes their own powers. Ask a colleague.")


class ProfileNotShared(NotAllowed):
    """They keep their profile, or these lists, to the people they chose."""

    code = "accounts.profile_not_shared"
    detail = _("This person does not show this to everyone.")


class TooManyAddresses(Refusal):
    code = "accounts.too_many_addresses"
    detail = _("You have {limit} addresses already. Delete one first.")


class TooManyDevices(Refusal):
    code = "accounts.too_many_devices"
    detail = _("You have {limit} devices already. Remove one first.")


# --- one's data ----------------------------------------------------------------------------------------------------


class ExportUnderWay(Refusal):
    code = "accounts.export_under_way"
    detail = _("Your export is being made. We tell you when it is ready.")


class TooManyExports(TooMany):
    code = "accounts.too_many_exports"
    detail = _("You had several exports today. Ask again tomorrow.")


class ExportNotReady(Refusal):
    code = "accounts.export_not_ready"
    detail = _("This export is {state}, so there is nothing to download.")


class ErasureUnderWay(Refusal):
    code = "accounts.erasure_under_way"
    detail = _("Your account is already on its way out. You can still change your mind.")


class ErasureBlocked(Refusal):
    """Something unfinished keeps the account; `reasons` lists it."""

    code = "accounts.erasure_blocked"
    detail = _("Your account cannot be deleted yet: {reasons}")
