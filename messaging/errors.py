"""Why messaging says no."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotAllowed, NotFound, Refusal, TooMany


class ConversationNotFound(NotFound):
    code = "messaging.conversation_not_found"
    detail = _("There is no such conversation, or you are not in it.")


class MessageNotFound(NotFound):
    code = "messaging.message_not_found"
    detail = _("There is no such message, or it is not for you.")


# --- who may write to whom --------------------------------------------------------------------------------------------


class CannotBeReached(NotAllowed):
    """Blocked either way, suspended, gone, or not taking messages: which of these, nobody is told."""

    code = "messaging.cannot_be_reached"
    title = _("This person cannot be reached")
    detail = _("This person does not take messages from you now.")


class NotWithYourself(Invalid):
    code = "messaging.not_with_yourself"
    attr = "other_user_id"
    detail = _("You cannot write to yourself.")


class NotTheSeller(Invalid):
    code = "messaging.not_the_seller"
    attr = "other_user_id"
    detail = _("This listing belongs to somebody else. Write to its seller.")


class BuyersStart(Refusal):
    """A seller does not begin a conversation about a listing of theirs; who is interested does."""

    code = "messaging.buyers_start"
    detail = _("Only somebody who is interested in a listing can begin a conversation about it.")


class TooManyNewConversations(TooMany):
    code = "messaging.too_many_new_conversations"
    detail = _("You began {limit} conversations in the last day, which is as many as you may. Try again later.")


class TooManyMessages(TooMany):
    code = "messaging.too_many_messages"
    detail = _("You are writing very fast. Wait a moment.")


class SameWordsAgain(TooMany):
    code = "messaging.same_words_again"
    detail = _("You sent these same words to {limit} people already. Wait a while, or write something of their own.")


# --- what is said -----------------------------------------------------------------------------------------------------


class NothingSaid(Invalid):
    code = "messaging.nothing_said"
    attr = "content"
    detail = _("Write something first.")


class TooLong(Invalid):
    code = "messaging.too_long"
    attr = "content"
    detail = _("At most {limit} characters fit into a message.")


class NoPictures(Invalid):
    code = "messaging.no_pictures"
    attr = "image_ids"
    detail = _("Choose at least one picture.")


class TooManyPictures(Invalid):
    code = "messaging.too_many_pictures"
    attr = "image_ids"
    detail = _("A message has at most {limit} pictures.")


class NoPlace(Invalid):
    code = "messaging.no_place"
    attr = "location"
    detail = _("Say which place you want to share.")


class NotOfThisKind(Invalid):
    """Pictures in a text, a place in a message of pictures: each kind carries its own."""

    code = "messaging.not_of_this_kind"
    detail = _("A message of this kind does not carry that.")


class OffersHaveTheirOwnDoor(Invalid):
    code = "messaging.offers_have_their_own_door"
    attr = "message_type"
    detail = _("Make an offer with POST /api/v1/offers; its card appears in the conversation by itself.")


class UnknownKind(Invalid):
    code = "messaging.unknown_kind"
    attr = "message_type"
    detail = _("There are no messages of this kind that people send.")


class NotInThisConversation(Invalid):
    code = "messaging.not_in_this_conversation"
    attr = "reply_to_id"
    detail = _("The message that you answer is not in this conversation.")


class ClientIdUsed(Refusal):
    """The same name for another message. The first one stands."""

    code = "messaging.client_id_used"
    status = 422
    attr = "client_id"
    title = _("Name already used for another message")
    detail = _("This client_id belongs to another message of yours. Use a new one.")


class Warned(Refusal):
    """The scanner found something; the sender may send it all the same by acknowledging the warning."""

    code = "messaging.warned"
    title = _("Read this before you send it")
    detail = _(
        "This seems to lead away from Souk Loop, where we cannot protect you ({kinds}). Send it again if you are sure."
    )


class SendItAsMessage(Refusal):
    """Words that would wait for a moderator, in an edit or on a card: neither can wait."""

    code = "messaging.send_it_as_message"
    detail = _("These words have to be looked at first. Send them as a message of their own.")


# --- changing what was said -------------------------------------------------------------------------------------------


class NotYourMessage(NotAllowed):
    code = "messaging.not_your_message"
    detail = _("Only whoever wrote a message can change it.")


class TooLateToEdit(Refusal):
    code = "messaging.too_late_to_edit"
    detail = _("A message can be edited for {minutes} minutes. This one is older.")


class TooLateToUnsend(Refusal):
    code = "messaging.too_late_to_unsend"
    detail = _("A message can be unsent for {hours} hours. This one is older.")


class CannotBeEdited(Refusal):
    code = "messaging.cannot_be_edited"
    detail = _("Only words can be edited.")


class CannotBeUnsent(Refusal):
    code = "messaging.cannot_be_unsent"
    detail = _("This cannot be unsent. An offer can be withdrawn instead.")


class MessageGone(Refusal):
    code = "messaging.message_gone"
    detail = _("This message is no longer there.")


class NotDelivered(Refusal):
    code = "messaging.not_delivered"
    detail = _("This message has not been delivered.")


class UnknownReaction(Invalid):
    code = "messaging.unknown_reaction"
    attr = "emoji"
    detail = _("Choose one of: {choices}.")


class UnknownTerm(Invalid):
    code = "messaging.unknown_term"
    attr = "disappear_after"
    detail = _("Messages can disappear after one of these numbers of seconds: {choices}.")


class SearchTooShort(Invalid):
    code = "messaging.search_too_short"
    attr = "q"
    detail = _("Type at least {letters} letters.")


# --- moderation -------------------------------------------------------------------------------------------------------


class NoLongerReachable(Refusal):
    """A moderator would deliver what the receiver no longer takes."""

    code = "messaging.no_longer_reachable"
    detail = _("The two no longer talk to each other, so this cannot be delivered. Send it back instead.")
