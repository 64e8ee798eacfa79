"""Steps that many tests take."""

from pathlib import Path

from django.core.files.storage import storages

from accounts.models import User
from core.testing import deliver_everything
from media import actions
from media.models import MediaAsset
from media.states import Purpose


def sent(
    owner: User, content: bytes, *, content_type: str = "image/jpeg", purpose: str = Purpose.PRODUCT, name: str = "a"
) -> MediaAsset:
    """A file that came in whole and waits for its job."""
    ticket = actions.request_upload(
        owner=owner, filename=name, content_type=content_type, byte_size=len(content), purpose=purpose
    )
    asset = MediaAsset.objects.get(pk=ticket.asset_id)
    path = Path(storages["private"].path(asset.upload_key))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return actions.complete_upload(owner=owner, asset_id=asset.pk)


def prepared(owner: User, content: bytes, **how: str) -> MediaAsset:
    """The same, after its job."""
    asset = sent(owner, content, **how)
    deliver_everything()
    asset.refresh_from_db()
    return asset


def stored(name: str = "default") -> list[Path]:
    """Every file in a store."""
    root = Path(storages[name].path(""))
    return sorted(p for p in root.rglob("*") if p.is_file()) if root.exists() else []
