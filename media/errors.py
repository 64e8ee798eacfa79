"""What media refuses. The second half are faults of a file: an asset keeps their code and its owner reads their words."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotAllowed, NotFound, Refusal


class NotYourMedia(NotFound):
    code = "media.not_your_media"
    detail = _("You have no such file.")


class ForeignUrl(Invalid):
    """Somebody sent an address or a path where only the id of an upload of ours belongs."""

    code = "media.foreign_url"
    detail = _("Upload the file here and send its id. Addresses of files elsewhere are not taken.")


class UnsupportedType(Invalid):
    code = "media.unsupported_type"
    attr = "content_type"
    detail = _("This kind of file cannot be used here. Use one of: {allowed}.")


class TooLarge(Invalid):
    code = "media.too_large"
    attr = "byte_size"
    status = 413
    detail = _("This file is too large. At most {max_megabytes} MB can be taken.")


class TooManyUnused(Refusal):
    code = "media.too_many_unused"
    detail = _("You have {limit} files that are not used yet. Use or delete some before you add more.")


class UploadExpired(Refusal):
    code = "media.upload_expired"
    status = 410
    detail = _("The time for this upload has passed. Start it again.")


class BadSignature(NotAllowed):
    code = "media.bad_signature"
    detail = _("This address was not made by us, or was changed.")


class WrongType(Invalid):
    code = "media.wrong_type"
    attr = "content_type"
    detail = _("The file is sent as another kind than was announced. Start the upload again.")


class WrongChecksum(Invalid):
    code = "media.wrong_checksum"
    attr = "sha256"
    detail = _("The file changed on its way. Start the upload again.")


class AlreadyUploaded(Refusal):
    code = "media.already_uploaded"
    detail = _("This file is here already. It cannot be replaced.")


class NothingUploaded(Refusal):
    code = "media.nothing_uploaded"
    detail = _("The file has not arrived. Send it first.")


class MediaNotReady(Refusal):
    code = "media.not_ready"
    attr = "asset_id"
    detail = _("This file cannot be used: it is {state}.")


class WrongPurpose(Invalid):
    code = "media.wrong_purpose"
    attr = "asset_id"
    detail = _("This file was uploaded for something else.")


class AttachedTwice(Invalid):
    code = "media.attached_twice"
    detail = _("The same file is named twice.")


class MediaInUse(Refusal):
    code = "media.in_use"
    detail = _("This file is in use. Take it out there first.")


# --- faults of a file -------------------------------------------------------------------------------------------------


class FileFault(Refusal):
    """The file is not what it should be: the asset is rejected with this code."""

    code = "media.file_fault"
    status = 400


class Unreadable(FileFault):
    code = "media.unreadable"
    detail = _("This file cannot be read. It may be damaged.")


class WrongSize(FileFault):
    code = "media.wrong_size"
    attr = "byte_size"
    detail = _("The file is not as large as was announced. Start the upload again.")


class ContentMismatch(FileFault):
    code = "media.content_mismatch"
    detail = _("The content of this file is not of the kind that its name says.")


class TooManyPixels(FileFault):
    code = "media.too_many_pixels"
    detail = _("This picture has too many pixels. Make it smaller and try again.")


class TooFewPixels(FileFault):
    code = "media.too_few_pixels"
    detail = _("This picture is too small to be of use.")


class TooLong(FileFault):
    code = "media.too_long"
    detail = _("This video is too long.")


class NoPictureInVideo(FileFault):
    code = "media.no_video_stream"
    detail = _("There is no picture in this video.")


class UnsupportedCodec(FileFault):
    code = "media.unsupported_codec"
    detail = _("This video is stored in a form that cannot be read here. MP4 with H.264 always works.")


class PreparationFailed(Refusal):
    """Not the file's fault: it may be tried again."""

    code = "media.preparation_failed"
    status = 503
    detail = _("Something went wrong on our side while preparing this file. Please try again.")


FAILURES: dict[str, type[Refusal]] = {
    failure.code: failure
    for failure in (
        Unreadable,
        ContentMismatch,
        TooManyPixels,
        TooFewPixels,
        TooLong,
        NoPictureInVideo,
        UnsupportedCodec,
        WrongSize,
        PreparationFailed,
    )
}
