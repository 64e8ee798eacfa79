"""What people do here, by topic."""

from accounts.actions.addresses import add_address, edit_address, remove_address
from accounts.actions.codes import (
    confirm_serious_step,
    prove_identifier,
    send_code,
    send_confirmation_code,
    sign_in_with_code,
)
from accounts.actions.devices import forget_device, register_device
from accounts.actions.erasure import cancel_erasure, carry_out_erasure, request_erasure
from accounts.actions.exports import make_export, request_export
from accounts.actions.follows import block_person, follow_person, unblock_person, unfollow_person
from accounts.actions.identifier_changes import confirm_identifier_change, request_identifier_change
from accounts.actions.passwords import change_password, request_password_reset, reset_password
from accounts.actions.profile import (
    clear_location,
    edit_privacy,
    edit_profile,
    set_avatar,
    set_location,
    start_selling,
    stop_selling,
)
from accounts.actions.registration import register_person, sign_up
from accounts.actions.restrictions import lift_restriction, restrict_person
from accounts.actions.sessions import (
    end_all_sessions,
    note_left,
    open_session,
    revoke_session,
    rotate_refresh_token,
)
from accounts.actions.tickets import issue_socket_ticket, redeem_socket_ticket

__all__ = [
    "add_address",
    "block_person",
    "cancel_erasure",
    "carry_out_erasure",
    "change_password",
    "clear_location",
    "confirm_identifier_change",
    "confirm_serious_step",
    "edit_address",
    "edit_privacy",
    "edit_profile",
    "end_all_sessions",
    "follow_person",
    "forget_device",
    "issue_socket_ticket",
    "lift_restriction",
    "make_export",
    "note_left",
    "open_session",
    "prove_identifier",
    "redeem_socket_ticket",
    "register_device",
    "register_person",
    "remove_address",
    "request_erasure",
    "request_export",
    "request_identifier_change",
    "request_password_reset",
    "reset_password",
    "restrict_person",
    "revoke_session",
    "rotate_refresh_token",
    "send_code",
    "send_confirmation_code",
    "set_avatar",
    "set_location",
    "sign_in_with_code",
    "sign_up",
    "start_selling",
    "stop_selling",
    "unblock_person",
    "unfollow_person",
]
