import hashlib

import pytest
from PIL import ImageChops, ImageStat

from demo.art.outlines import icon_names, insides, outline
from demo.art.palettes import PALETTES
from demo.art.scenes import VIEWS, Subject, draw, jpeg
from demo.catalogue import all_pictures, subject_of
from demo.goods import KINDS

SOFA = Subject("sofa", "furniture", "floor")


@pytest.mark.parametrize("name", icon_names())
def test_every_icon_stays_on_its_grid_and_encloses_something(name):
    corners = [corner for line in outline(name) for corner in line]
    assert all(-0.5 <= x <= 24.5 and -0.5 <= y <= 24.5 for x, y in corners)
    assert insides(name)[0].getbbox() is not None


def test_every_kind_has_an_icon_and_a_palette():
    for kind in KINDS:
        assert kind.subject.icon in icon_names()
        assert {kind.subject.palette, kind.subject.tint or "furniture"} <= set(PALETTES)


@pytest.mark.parametrize("view", VIEWS)
def test_the_same_subject_and_view_give_the_same_bytes(view):
    first, second = jpeg(draw(SOFA, view)), jpeg(draw(SOFA, view))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


def test_views_of_a_thing_differ_and_none_is_a_grey_box():
    drawn = [draw(SOFA, view).resize((120, 150)) for view in VIEWS]
    for picture in drawn:
        assert ImageStat.Stat(picture.convert("HSV")).stddev[2] > 15
    for other in drawn[1:]:
        assert ImageStat.Stat(ImageChops.difference(drawn[0], other)).mean[0] > 10


def test_a_picture_is_four_by_five_and_light_to_send():
    picture = draw(SOFA, "room")
    assert picture.size == (1200, 1500)
    assert len(jpeg(picture)) < 450_000


def test_a_small_city_needs_some_sixty_pictures_all_of_them_drawable():
    names = all_pictures(300)
    assert 55 <= len(names) == len(set(names)) <= 70
    assert all(subject_of(name.kind) and name.view in VIEWS for name in names)
