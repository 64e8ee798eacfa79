import pytest
from django.conf import settings


@pytest.mark.parametrize("language", ["en", "ar"])
def test_language_is_kept_in_a_cookie_and_the_visitor_comes_back(client, language):
    response = client.post("/language", {"language": language, "next": "/categories?x=1"})
    assert response.status_code == 302
    assert response["Location"] == "/categories?x=1"
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == language


def test_unknown_language_changes_nothing(client):
    response = client.post("/language", {"language": "xx"})
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies


def test_theme_is_kept_and_forgotten(client):
    assert client.post("/theme", {"theme": "dark"}).cookies["theme"].value == "dark"
    assert client.post("/theme", {"theme": "auto"}).cookies["theme"]["max-age"] == 0


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
@pytest.mark.parametrize("path", ["/language", "/theme"])
def test_never_sends_anybody_elsewhere(client, path, elsewhere):
    assert client.post(path, {"language": "en", "theme": "dark", "next": elsewhere})["Location"] == "/"


@pytest.mark.parametrize("path", ["/language", "/theme"])
def test_choices_are_posts(client, path):
    assert client.get(path).status_code == 405
