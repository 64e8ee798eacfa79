"""Who lives in the demo city: names in two languages, homes, short lives. The same seed gives the same people.

The names are ours, in pairs: libraries of made-up names have Arabic ones without their Latin spelling, or the reverse.
Telephone numbers begin +971 50 000 and addresses end in .example: they belong to nobody.
"""

import random
from dataclasses import dataclass

_FIRST = (
    ("Layla", "ليلى"), ("Omar", "عمر"), ("Fatima", "فاطمة"), ("Ahmed", "أحمد"), ("Mariam", "مريم"), ("Khalid", "خالد"),
    ("Noura", "نورة"), ("Saeed", "سعيد"), ("Hessa", "حصة"), ("Yousef", "يوسف"), ("Salma", "سلمى"), ("Hamdan", "حمدان"),
    ("Reem", "ريم"), ("Tariq", "طارق"), ("Aisha", "عائشة"), ("Karim", "كريم"), ("Dana", "دانة"), ("Rashid", "راشد"),
    ("Hind", "هند"), ("Ziad", "زياد"), ("Amal", "أمل"), ("Faisal", "فيصل"), ("Maha", "مها"), ("Sami", "سامي"),
    ("Yasmin", "ياسمين"), ("Nabil", "نبيل"), ("Shamma", "شمّا"), ("Majid", "ماجد"), ("Rania", "رانيا"), ("Hani", "هاني"),
)  # fmt: skip
_LAST = (
    ("Al Mansoori", "المنصوري"), ("Haddad", "حداد"), ("Al Suwaidi", "السويدي"), ("Khoury", "خوري"), ("Al Marri", "المري"),
    ("Nasser", "ناصر"), ("Al Hashimi", "الهاشمي"), ("Saleh", "صالح"), ("Al Nuaimi", "النعيمي"), ("Mahmoud", "محمود"),
    ("Al Shamsi", "الشامسي"), ("Darwish", "درويش"), ("Al Ketbi", "الكتبي"), ("Fares", "فارس"), ("Al Zaabi", "الزعابي"),
    ("Qasim", "قاسم"), ("Al Balushi", "البلوشي"), ("Awad", "عوض"), ("Hamadi", "حمادي"), ("Sabbagh", "صباغ"),
)  # fmt: skip
_FROM_AFAR = (
    "Priya Nair", "Arjun Menon", "Anjali Kapoor", "Rohan Shetty", "Meera Pillai", "Vikram Rao", "Sana Qureshi", "Bilal Sheikh",
    "Maria Santos", "Jose Reyes", "Angelica Cruz", "Mark Villanueva", "Emma Clarke", "James Whitfield", "Sophie Laurent",
    "Luca Ferrari", "Anna Petrova", "Dmitri Volkov", "Chen Wei", "Lin Mei", "Grace Otieno", "Daniel Mwangi", "Elif Kaya",
    "Hannah Schmidt", "Tomás Herrera", "Aoife Byrne", "Noah van Dijk", "Ingrid Larsen", "Kenji Sato", "Zara Haidari",
)  # fmt: skip

# Where people live, and how many of a hundred: dense around Dubai Marina, where the demo opens.
HOMES = {
    "dubai-marina": 17, "jumeirah-beach-residence": 8, "jumeirah-lakes-towers": 9, "palm-jumeirah": 4, "al-sufouh": 3,
    "the-greens": 4, "barsha-heights": 3, "al-barsha": 6, "emirates-hills": 4, "jumeirah-village-circle": 5, "dubai-hills": 2,
    "umm-suqeim": 2, "jumeirah-1": 2, "jumeirah-3": 1, "al-quoz": 2, "downtown-dubai": 5, "business-bay": 5, "difc": 1,
    "al-karama": 3, "bur-dubai": 2, "deira": 3, "mirdif": 3, "dubai-silicon-oasis": 2, "international-city": 2,
    "discovery-gardens": 2, "arabian-ranches": 1, "dubai-creek-harbour": 1, "al-nahda-dubai": 1, "al-reem-island": 1,
    "al-majaz": 1, "al-nuaimia": 1,
}  # fmt: skip
_BIOS = {
    "en": (
        "Sorting out the flat, one shelf at a time.",
        "Parent of two, seller of everything they outgrow.",
        "Cards, figures and too many boxes.",
        "Second-hand first.",
        "I answer in the evening.",
        "Runner, reader, weekend baker.",
        "New in town and furnishing slowly.",
        "Vinyl, cameras, coffee.",
        "",
        "",
    ),
    "ar": (
        "أرتب البيت رفًا بعد رف.",
        "أم لطفلين أبيع ما كبروا عليه.",
        "أحب القديم قبل الجديد.",
        "أرد مساءً عادةً.",
        "قهوة وكتب وأسطوانات.",
        "",
    ),
}


RESIDENT, NEWCOMER, TROUBLEMAKER = "resident", "newcomer", "troublemaker"


@dataclass(frozen=True)
class Person:
    """Somebody of the demo city. `joined_days_ago` counts back from the anchor of the whole city."""

    username: str
    full_name: str
    language: str
    email: str
    phone: str
    bio: str
    home: str
    part: str
    sells: bool
    trusted: bool
    joined_days_ago: int
    weight: float  # how much of what is for sale is theirs


def people(*, seed: int, many: int, newcomers: int = 0, troublemakers: int = 0) -> list[Person]:
    """So many residents, two in five of whom sell, a few of them a lot; then newcomers, then people who break rules."""
    rng = random.Random(f"people {seed}")  # noqa: S311 - a demo, no secret
    taken: set[str] = set()
    parts = [RESIDENT] * many + [NEWCOMER] * newcomers + [TROUBLEMAKER] * troublemakers
    return [_person(number, part, rng, taken) for number, part in enumerate(parts)]


def _person(number: int, part: str, rng: random.Random, taken: set[str]) -> Person:
    english, shown, language = _name(rng)
    username = _username(english, rng, taken)
    sells = number % 5 in (0, 2) or part != RESIDENT  # not by chance: the plan needs enough of them
    return Person(
        username=username,
        full_name=shown,
        language=language,
        email=f"{username}@people.example",
        phone=f"+97150000{number:04d}" if number % 3 else "",
        bio=rng.choice(_BIOS[language]),
        home=rng.choices(list(HOMES), list(HOMES.values()))[0],
        part=part,
        sells=sells,
        trusted=sells and part == RESIDENT and rng.random() < 0.35,
        joined_days_ago=rng.randint(100, 700) if part == RESIDENT else rng.randint(3, 20),
        weight=rng.paretovariate(1.6) if sells and part == RESIDENT else 0.0,
    )


def _name(rng: random.Random) -> tuple[str, str, str]:
    """The name in Latin letters, as the person writes it, and their language."""
    if rng.random() < 0.45:
        name = rng.choice(_FROM_AFAR)
        return name, name, "en"
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    english = f"{first[0]} {last[0]}"
    if rng.random() < 0.55:
        return english, f"{first[1]} {last[1]}", "ar"
    return english, english, "en"


def _username(english: str, rng: random.Random, taken: set[str]) -> str:
    plain = "".join(c for c in english.lower().replace("á", "a") if c.isascii() and (c.isalnum() or c == " ")).split()
    shapes = (plain[0] + "." + plain[-1], plain[0] + plain[-1][0], plain[0] + "_dxb", plain[0] + plain[-1])
    name = rng.choice(shapes)
    while name in taken:
        name = f"{rng.choice(shapes)}{rng.randint(2, 99)}"
    taken.add(name)
    return name
