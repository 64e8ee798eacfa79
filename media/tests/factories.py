from datetime import timedelta

import factory
from django.utils import timezone

from core.ids import uuid7
from media.models import MediaAsset
from media.states import AssetKind, AssetState, Purpose


def variants_of(name: str, *, width: int = 1440, height: int = 1800) -> list[dict]:
    """Variants as the job writes them, without files behind them."""
    return [
        {
            "format": form,
            "width": w,
            "height": round(height * w / width),
            "bytes": w * 80,
            "key": f"pictures/1/{name[:2]}/{name}/{w}.{ending}",
        }
        for w in (320, 640, 960, 1440)
        for form, ending in (("avif", "avif"), ("webp", "webp"), ("jpeg", "jpg"))
    ]


class AssetFactory(factory.django.DjangoModelFactory):
    """An upload that was announced and has not come."""

    class Meta:
        model = MediaAsset

    id = factory.LazyFunction(uuid7)
    owner = factory.SubFactory("accounts.tests.factories.UserFactory")
    kind = AssetKind.IMAGE
    purpose = Purpose.PRODUCT
    state = AssetState.AWAITING
    upload_key = factory.LazyAttribute(lambda o: f"uploads/{o.id.hex}")
    filename = "photo.jpg"
    content_type = "image/jpeg"
    byte_size = 120_000
    upload_expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=15))


class ReadyImageFactory(AssetFactory):
    """A picture that can be used: variants without files behind them."""

    state = AssetState.READY
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    perceptual_hash = "0f1e2d3c4b5a6978"
    width = 1440
    height = 1800
    placeholder = "data:image/webp;base64,UklGRhwAAABXRUJQVlA4TA8AAAAvAAAAAAcQ/Y/+ByKi/wEA"
    variants = factory.LazyAttribute(lambda o: variants_of(o.sha256, width=o.width, height=o.height))
    progress = 100
    ready_at = factory.LazyFunction(timezone.now)


class ReadyVideoFactory(ReadyImageFactory):
    """A clip with its poster and one playable rendition."""

    kind = AssetKind.VIDEO
    filename = "clip.mp4"
    content_type = "video/mp4"
    duration_ms = 12_000
    variants = factory.LazyAttribute(
        lambda o: [
            *variants_of(o.sha256, width=o.width, height=o.height),
            {
                "format": "mp4",
                "width": 720,
                "height": 900,
                "bytes": 900_000,
                "key": f"clips/1/{o.sha256[:2]}/{o.sha256}/720.mp4",
            },
        ]
    )
