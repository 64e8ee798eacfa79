"""Every address that moderation registers in the console, against everybody who might knock."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from core.models import AuditEntry
from moderation import actions
from moderation.models import Case, Decision, FilterTerm, ModerationSettings, Policy, Report, ScanPolicy
from moderation.states import CaseState
from moderation.tests.factories import ModeratorFactory, PersonFactory

pytestmark = pytest.mark.django_db

# name → (GET, POST) for: moderator, support, finance. None: the address does not answer this method.
PAGES = {
    "case_changelist": ((200, 200), (200, 200), (403, 403)),
    "case_change": ((200, 200), (200, 403), (403, 403)),
    "case_add": ((403, 403), (403, 403), (403, 403)),
    "case_delete": ((403, 403), (403, 403), (403, 403)),
    "case_history": ((200, 200), (200, 200), (403, 403)),
    "case_next": ((404, 302), (404, 403), (404, 403)),
    "case_decide_many": ((200, 200), (403, 403), (403, 403)),
    "case_claim": ((404, 302), (404, 403), (404, 403)),
    "case_hold": ((404, 409), (404, 403), (404, 403)),
    "case_release": ((404, 302), (404, 403), (404, 403)),
    "case_hand_over": ((200, 200), (403, 403), (403, 403)),
    "case_take_over": ((200, 200), (403, 403), (403, 403)),
    "case_escalate": ((200, 200), (403, 403), (403, 403)),
    "case_dismiss": ((200, 200), (403, 403), (403, 403)),
    "case_about_person": ((200, 200), (403, 403), (403, 403)),
    "report_changelist": ((200, 200), (200, 200), (403, 403)),
    "report_change": ((200, 403), (200, 403), (403, 403)),
    "report_add": ((403, 403), (403, 403), (403, 403)),
    "report_delete": ((403, 403), (403, 403), (403, 403)),
    "report_history": ((200, 200), (200, 200), (403, 403)),
    "decision_changelist": ((200, 200), (200, 200), (403, 403)),
    "decision_change": ((200, 403), (200, 403), (403, 403)),
    "decision_undo": ((200, 200), (403, 403), (403, 403)),
    "decision_add": ((403, 403), (403, 403), (403, 403)),
    "decision_delete": ((403, 403), (403, 403), (403, 403)),
    "decision_history": ((200, 200), (200, 200), (403, 403)),
    "policy_changelist": ((200, 200), (403, 403), (403, 403)),
    "policy_change": ((200, 403), (403, 403), (403, 403)),
    "policy_add": ((403, 403), (403, 403), (403, 403)),
    "policy_delete": ((403, 403), (403, 403), (403, 403)),
    "policy_history": ((200, 200), (403, 403), (403, 403)),
    "filterterm_changelist": ((200, 200), (403, 403), (403, 403)),
    "filterterm_try": ((200, 200), (403, 403), (403, 403)),
    "filterterm_change": ((200, 403), (403, 403), (403, 403)),
    "filterterm_add": ((403, 403), (403, 403), (403, 403)),
    "filterterm_delete": ((403, 403), (403, 403), (403, 403)),
    "filterterm_history": ((200, 200), (403, 403), (403, 403)),
    "scanpolicy_changelist": ((200, 200), (403, 403), (403, 403)),
    "scanpolicy_change": ((200, 403), (403, 403), (403, 403)),
    "scanpolicy_add": ((403, 403), (403, 403), (403, 403)),
    "scanpolicy_delete": ((403, 403), (403, 403), (403, 403)),
    "scanpolicy_history": ((200, 200), (403, 403), (403, 403)),
    "moderationsettings_changelist": ((302, 302), (403, 403), (403, 403)),
    "moderationsettings_change": ((200, 403), (403, 403), (403, 403)),
    "moderationsettings_add": ((403, 403), (403, 403), (403, 403)),
    "moderationsettings_delete": ((403, 403), (403, 403), (403, 403)),
    "moderationsettings_history": ((200, 200), (403, 403), (403, 403)),
}


@pytest.fixture
def things(pamphlet, author, policy):
    """One of each, with a case that waits and one that is decided."""
    reporter = PersonFactory()
    waiting = actions.report_target(reporter=reporter, target_kind="pamphlet", target_id=pamphlet.id, reason="scam")
    account = actions.report_target(reporter=reporter, target_kind="account", target_id=author.pk, reason="fraud").case
    decision = actions.decide_case(
        case_id=account.pk, moderator=ModeratorFactory(), outcome="warn", policy=policy, revision=1
    )
    ModerationSettings.objects.get_or_create(pk=1)
    return {
        "case": waiting.case,
        "report": waiting,
        "decision": decision,
        "policy": policy,
        "moderationsettings": 1,
        "filterterm": FilterTerm.objects.first(),
        "scanpolicy": ScanPolicy.objects.first(),
    }


def url_of(name, things):
    thing = things[name.split("_")[0]]
    try:
        return reverse(f"admin:moderation_{name}")
    except NoReverseMatch:
        return reverse(f"admin:moderation_{name}", args=[getattr(thing, "pk", thing)])


def browser(*groups: str, **facts) -> Client:
    person = ModeratorFactory(may=(), **facts)
    person.groups.set(Group.objects.filter(name__in=groups))
    client = Client()
    client.force_login(person, backend="accounts.backends.IdentifierBackend")
    return client


def test_the_table_names_every_address_of_ours():
    models = (Case, Decision, FilterTerm, Policy, ModerationSettings, Report, ScanPolicy)
    named = {
        pattern.name.removeprefix("moderation_")
        for model in models
        for pattern in admin.site._registry[model].urls
        if pattern.name and pattern.name.startswith("moderation_")
    }
    assert named == set(PAGES)


def test_strangers_and_people_without_the_console_see_the_sign_in(things):
    stranger, person = Client(), Client()
    person.force_login(PersonFactory(), backend="accounts.backends.IdentifierBackend")
    for name in PAGES:
        for client in (stranger, person):
            for method in ("get", "post"):
                answer = getattr(client, method)(url_of(name, things))
                assert answer.status_code == 302, name
                assert answer.url.startswith("/admin/login/"), name


@pytest.mark.parametrize("group", ["moderator", "support", "finance"])
def test_each_group_reaches_just_its_part(group, things, moderator):
    column = ("moderator", "support", "finance").index(group)
    client = browser(group)
    found = {}
    for name in PAGES:
        before = transaction.savepoint()  # each address is tried on the same world
        url = url_of(name, things)
        found[name] = (client.get(url).status_code, client.post(url).status_code)
        transaction.savepoint_rollback(before)
    assert found == {name: row[column] for name, row in PAGES.items()}


def test_staff_without_a_group_reach_nothing(things, moderator):
    client = browser()
    for name in PAGES:
        url = url_of(name, things)
        assert client.get(url).status_code in (403, 404), name
        assert client.post(url).status_code in (403, 404), name


def test_a_moderator_does_the_whole_job_with_the_group_alone(desk, things, moderator, pamphlet):
    """From the first page to the undoing of a decision, without being a superuser."""
    assert not moderator.is_superuser
    policy = Policy.objects.get(slug="fraud")
    assert desk.get("/admin/").status_code == 200

    opened = desk.post(reverse("admin:moderation_case_next"), follow=True)
    case = opened.context["case"]
    assert case.claimed_by == moderator
    form = opened.context["form"]
    desk.post(
        reverse("admin:moderation_case_change", args=[case.pk]),
        {"outcome": "remove", "policy": policy.pk, "revision": form.initial["revision"], "stay": "1"},
    )
    decision = Decision.objects.get(case=case)
    assert (decision.actor, decision.reason_ar) == (moderator, policy.reason_ar)
    assert pamphlet.row["removed"]

    desk.post(reverse("admin:moderation_decision_undo", args=[decision.pk]), {"note": "Mine was wrong."})
    case.refresh_from_db()
    assert case.state == CaseState.REOPENED
    assert not pamphlet.row["removed"]


def test_a_moderator_changes_no_rule_no_person_and_deletes_nothing(desk, things, author):
    settings_url = reverse("admin:moderation_moderationsettings_change", args=[1])
    assert desk.post(settings_url, {"pre_moderation": "off"}).status_code == 403
    assert ModerationSettings.objects.get().pre_moderation == "new_sellers"
    policy = things["policy"]
    assert desk.post(reverse("admin:moderation_policy_change", args=[policy.pk]), {"title_en": "x"}).status_code == 403
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert desk.post(reverse(f"{name}_add")).status_code == 403, model
        thing = model._default_manager.first()
        if thing is not None:
            assert desk.post(reverse(f"{name}_delete", args=[thing.pk]), {"post": "yes"}).status_code in (403, 404), (
                model
            )
        assert not model_admin.has_delete_permission(_request_of(desk))
    assert User.objects.filter(pk=author.pk).exists()


def _request_of(client):
    return client.get("/admin/").wsgi_request


def test_no_password_or_session_is_shown_to_a_moderator(desk):
    for permission in Permission.objects.filter(group__name="moderator").select_related("content_type"):
        assert permission.content_type.model not in ("session", "challenge", "refreshtoken", "group", "permission")


# --- policies and switches -------------------------------------------------------------------------------------------


@pytest.fixture
def boss(client, moderator):
    person = ModeratorFactory(may=())
    person.groups.add(Group.objects.get(name="admin"))
    client.force_login(person, backend="accounts.backends.IdentifierBackend")
    return client


def facts(policy, **changes):
    names = ("number", "slug", "severity", "title_en", "title_ar", "reason_en", "reason_ar")
    return {**{name: getattr(policy, name) for name in names}, "is_active": "on", **changes}


def test_revising_a_policy_raises_its_version_and_is_written_down(boss, policy):
    url = reverse("admin:moderation_policy_change", args=[policy.pk])
    assert boss.post(url, facts(policy, title_en="New words")).status_code == 302
    policy.refresh_from_db()
    assert (policy.title_en, policy.version) == ("New words", 2)
    entry = AuditEntry.objects.get(action="moderation.policy_revised")
    assert (entry.before, entry.after) == ({"title_en": "Payment outside Souk Loop"}, {"title_en": "New words"})

    assert boss.post(url, facts(policy)).status_code == 302
    policy.refresh_from_db()
    assert policy.version == 2
    assert boss.post(url, facts(policy, severity=9)).status_code == 200


def test_adding_a_policy(boss, policy):
    assert (
        boss.post(reverse("admin:moderation_policy_add"), facts(policy, number="8.1", slug="new-rule")).status_code
        == 302
    )
    assert Policy.objects.get(number="8.1").version == 1
    assert boss.post(reverse("admin:moderation_policy_add"), facts(policy, slug="x")).status_code == 200


def test_turning_a_switch_is_written_down(boss):
    assert boss.get("/admin/moderation/moderationsettings/", follow=True).status_code == 200
    given = {
        "pre_moderation": "all", "auto_hide_listing_weight": "2.5", "auto_hide_account_weight": "5",
        "review_hours": 4, "report_hours": 24, "claim_minutes": 10,
    }  # fmt: skip
    assert boss.post("/admin/moderation/moderationsettings/1/change/", given).status_code == 302
    assert ModerationSettings.objects.get().pre_moderation == "all"
    entry = AuditEntry.objects.get(action="moderation.settings_changed")
    assert entry.after == {"pre_moderation": "all", "auto_hide_listing_weight": "2.5"}
    assert boss.post("/admin/moderation/moderationsettings/1/change/", {**given, "claim_minutes": 0}).status_code == 200
    assert ModerationSettings.objects.get().claim_minutes == 10
