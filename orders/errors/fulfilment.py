"""What orders refuse afterwards: hand-over, parcels, meetings, disputes."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotFound, Refusal, TooMany


class NotConfirmed(Refusal):
    code = "orders.not_confirmed"
    detail = _("This order is {state}.")


class PersonNotSuspended(Refusal):
    """All of somebody's orders are called off at once only while they may not trade."""

    code = "orders.person_not_suspended"
    detail = _("This person is not suspended. Look at their orders one by one.")


class InDispute(Refusal):
    """Nothing moves until the two, our staff or the bank have settled it."""

    code = "orders.in_dispute"
    detail = _("There is an open dispute about this order. It has to be settled first.")


class MetInPerson(Refusal):
    code = "orders.met_in_person"
    detail = _("This order is handed over in person. Propose a meeting instead.")


class SentByCarrier(Refusal):
    code = "orders.sent_by_carrier"
    detail = _("This order is sent. There is no meeting for it.")


class NotOnItsWay(Refusal):
    """Nobody can have what was not sent."""

    code = "orders.not_on_its_way"
    detail = _("This has not been sent yet.")


class NoCarrier(Invalid):
    code = "orders.no_carrier"
    attr = "adapter"
    detail = _("We cannot book with that carrier. Send it yourself and enter the tracking number.")


class TrackingNumberNeeded(Invalid):
    code = "orders.tracking_number_needed"
    attr = "tracking_number"
    detail = _("Enter the tracking number, or say “own courier” as the carrier.")


class AddressMissing(Refusal):
    code = "orders.address_missing"
    detail = _("There is no address to send this to.")


class LabelNotFound(NotFound):
    code = "orders.label_not_found"
    detail = _("There is no label for this order.")


class ShipmentNotFound(NotFound):
    code = "orders.shipment_not_found"


class WrongCarrierSignature(Refusal):
    code = "orders.wrong_carrier_signature"
    status = 403
    detail = _("This was not signed with the key that we share, or too long ago.")


class WrongCarrierWords(Invalid):
    code = "orders.wrong_carrier_words"
    detail = _("This cannot be read.")


class NoCodeForThis(Refusal):
    code = "orders.no_code"
    detail = _("There is no hand-over code for this order.")


class HandoverCodeNeeded(Refusal):
    """One side's word alone ends no sale whose money is not with us."""

    code = "orders.handover_code_needed"
    detail = _("Show the seller your hand-over code when you have it. That completes this order.")


class WrongHandoverCode(Invalid):
    code = "orders.wrong_handover_code"
    attr = "code"
    detail = _("This code is not right. Tries left: {left}.")


class HandoverLocked(Refusal):
    code = "orders.handover_locked"
    status = 429
    detail = _("Too many wrong codes. Try again in {minutes} minutes.")


class MeetingNotFound(NotFound):
    code = "orders.meeting_not_found"


class MeetingTimeOver(Invalid):
    code = "orders.meeting_time_over"
    attr = "starts_at"
    detail = _("Choose a time that is still to come.")


class MeetingTooFar(Invalid):
    code = "orders.meeting_too_far"
    attr = "starts_at"
    detail = _("Choose a time until {latest}.")


class MeetingNeedsPlace(Invalid):
    code = "orders.meeting_needs_place"
    attr = "meeting_point_id"
    detail = _("Choose a meeting point, or say where.")


class MeetingNotOver(Refusal):
    code = "orders.meeting_not_over"
    detail = _("Wait until {after} before you say that nobody came.")


class DisputeNotFound(NotFound):
    code = "orders.dispute_not_found"


class CancelInstead(Refusal):
    code = "orders.cancel_instead"
    detail = _("It has not been sent yet: you can cancel the order and get your money back at once.")


class NothingHeld(Refusal):
    """A trade of things alone: what was agreed was handed over on the spot."""

    code = "orders.nothing_held"
    detail = _("We hold no money for this order. If somebody cheated you, report them.")


class NoCashToGiveBack(Refusal):
    code = "orders.no_cash_to_give_back"
    detail = _("This order was not paid in cash, or its money went back already.")


class NothingSaidOfCash(Refusal):
    code = "orders.nothing_said_of_cash"
    detail = _("The seller has not said that you have your money back.")


class TooLateToDispute(Refusal):
    code = "orders.too_late_to_dispute"
    detail = _("The time to report a problem with this order is over.")


class DisputedBefore(Refusal):
    code = "orders.disputed_before"
    detail = _("A problem with this order was reported and decided already.")


class DisputeAmount(Invalid):
    code = "orders.dispute_amount"
    attr = "amount"
    detail = _("Say an amount above zero, {most} at most.")


class DisputeClosedAlready(Refusal):
    code = "orders.dispute_not_open"
    detail = _("This dispute is {state}. It is too late for that.")


class WithTheBank(Refusal):
    """The buyer asked their bank for the same money: whoever gave it back here would pay it twice."""

    code = "orders.with_the_bank"
    detail = _("The buyer's bank is looking at this payment. This goes on when it has decided.")


class NotToBeEscalated(Refusal):
    code = "orders.not_to_be_escalated"
    detail = _("The other side has until {until} to answer. After that we look at it.")


class NothingOffered(Refusal):
    code = "orders.no_offer_to_settle"
    detail = _("The seller has offered nothing to settle this.")


class EvidenceNeeded(Invalid):
    code = "orders.evidence_needed"
    attr = "text"
    detail = _("Write something or show a picture.")


class TooManyPictures(Invalid):
    code = "orders.too_many_pictures"
    attr = "picture_ids"
    detail = _("{most} pictures at most.")


class ClaimedByAnother(Refusal):
    code = "orders.claimed_by_another"
    detail = _("Somebody else of our staff is looking at this dispute.")


class OtherEyesNeeded(Refusal):
    """Whoever decided does not decide the appeal; nobody decides about their own orders."""

    code = "orders.other_eyes_needed"
    status = 403
    detail = _("Somebody else has to decide this.")


class AppealIsOver(Refusal):
    code = "orders.appeal_over"
    detail = _("The time to appeal is over.")


class OnlyTheLoserAppeals(Refusal):
    code = "orders.nothing_to_appeal"
    detail = _("You got what you asked for. There is nothing to appeal.")


class NothingComesBack(Refusal):
    code = "orders.no_return"
    detail = _("Nothing is to be sent back in this dispute.")


class ReturnUnderWay(Refusal):
    """Once it was sent back the order cannot go on as before."""

    code = "orders.return_under_way"
    detail = _("You have sent it back already. Your money follows when the seller has it.")


class TooManyMeetings(TooMany):
    code = "orders.too_many_meetings"
    detail = _("You have proposed many meetings. Try again later.")


class VoucherNotInCash(Refusal):
    """What the platform adds to a price it cannot add to cash that it never sees."""

    code = "orders.voucher_not_in_cash"
    attr = "voucher_code"
    detail = _("Our vouchers count for what is paid by card. Pay by card, or leave the voucher out.")
