import uuid

import pytest
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from media.errors import ForeignUrl
from media.shapes import AssetIdField


class OneIn(serializers.Serializer):
    asset_id = AssetIdField()


class ManyIn(serializers.Serializer):
    images = serializers.ListField(child=AssetIdField())


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/photo.jpg",
        "//elsewhere.example/photo.jpg",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "/media/pictures/1/ab/x/320.avif",
        "pictures/1/ab/x/320.avif",
        "..\\secret",
        "data:image/png;base64,AAAA",
        "photo.jpg",
    ],
)
def test_an_address_where_an_id_belongs_is_told_so(address: str) -> None:
    with pytest.raises(ForeignUrl) as refused:
        OneIn(data={"asset_id": address}).is_valid()
    assert (refused.value.code, refused.value.at) == ("media.foreign_url", "asset_id")

    with pytest.raises(ForeignUrl) as refused:
        ManyIn(data={"images": [address]}).is_valid()
    assert refused.value.at == "images"


def test_what_is_neither_an_id_nor_an_address_is_simply_invalid() -> None:
    with pytest.raises(ValidationError):
        OneIn(data={"asset_id": "hello"}).is_valid(raise_exception=True)


def test_an_id_is_an_id() -> None:
    asset_id = uuid.uuid4()
    wanted = OneIn(data={"asset_id": str(asset_id)})
    wanted.is_valid(raise_exception=True)
    assert wanted.validated_data["asset_id"] == asset_id
