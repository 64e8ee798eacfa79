import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def names_that_settings_read() -> set[str]:
    text = "".join(path.read_text() for path in (ROOT / "config/settings").glob("*.py"))
    names = set(re.findall(r"""(?:env\.\w+|_database)\(\s*f?"([A-Z][A-Z0-9_{}.a-z()]+)\"""", text))
    oauth = {name for name in names if "{" in name}
    return (names - oauth) | {
        name.replace("{name.upper()}", provider) for name in oauth for provider in ("GOOGLE", "APPLE", "FACEBOOK")
    }


def names_in_the_example() -> list[str]:
    return re.findall(r"^# ([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_every_name_that_settings_read_is_explained():
    assert names_that_settings_read() - set(names_in_the_example()) == set()


def test_no_name_is_explained_twice():
    assert len(names_in_the_example()) == len(set(names_in_the_example()))


def test_no_name_is_explained_that_nobody_reads():
    files = [ROOT / "souk", ROOT / "docker-compose.yml", *(ROOT / "deploy/launcher").glob("*.sh")]
    readers = "".join(file.read_text() for file in files)
    unread = {n for n in names_in_the_example() if n not in readers} - names_that_settings_read()
    assert unread == set()
