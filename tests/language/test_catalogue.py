"""The Arabic catalogue says everything that the source says, with the same gaps to fill."""

from babel.messages.catalog import Message
from django.contrib import admin
from django.utils.functional import Promise

from tests.architecture.houses import APPS
from tests.language.words import catalogue, key_of, messages, placeholders, plurals_of_the_source, words_of_the_source

UPDATE = 'python manage.py makemessages -l ar --no-location --no-obsolete -i .venv -i "static/*", then translate'
ONE_NUMBER_ONLY = 3  # the forms for zero, one and two may say the number in a word


def _forms(message: Message) -> list[str]:
    return list(message.string) if message.pluralizable else [message.string]


def test_every_message_is_translated():
    assert [key_of(message) for message in messages() if not all(_forms(message))] == []


def test_no_message_is_a_guess():
    assert [key_of(message) for message in messages() if message.fuzzy] == []


def test_every_word_of_the_source_is_in_the_catalogue():
    missing = words_of_the_source() - {key_of(message) for message in messages()}

    assert sorted(missing, key=str) == [], UPDATE


def test_the_catalogue_says_nothing_that_the_source_does_not():
    left_over = {key_of(message) for message in messages()} - words_of_the_source()

    assert sorted(left_over, key=str) == [], UPDATE


def test_plural_messages_have_all_six_forms():
    assert catalogue().num_plurals == 6
    assert [key_of(m) for m in messages() if m.pluralizable and len(_forms(m)) != 6] == []


def test_a_singular_has_one_plural_only():
    twice = {key: sorted(many) for key, many in plurals_of_the_source().items() if len(many) > 1}

    assert twice == {}, "The catalogue keeps one of them: give one a context"


def test_placeholders_agree_with_the_source():
    wrong = []
    for message in messages():
        if not message.pluralizable:
            wrong += [key_of(message)] * (placeholders(message.string) != placeholders(message.id))
            continue
        wanted = placeholders(message.id[1])
        for number, form in enumerate(_forms(message)):
            found = placeholders(form)
            may_omit = number < ONE_NUMBER_ONLY and set(found) <= set(wanted)
            wrong += [key_of(message)] * (found != wanted and not may_omit)
    assert wrong == []


def test_arabic_is_written_in_arabic():
    same = {"{problems}", "{what} {reason}", "{name}: {value}", "{title}: {what}", "{why}", "× %(n)s"}

    assert {message.string for message in messages() if message.string == message.id} == same


def test_fields_and_models_of_the_console_have_a_name_in_arabic():
    ours = [model for model in admin.site._registry if model.__module__.split(".")[0] in APPS]
    unnamed = {
        str(field.verbose_name)
        for model in ours
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if field._verbose_name is None and not field.auto_created and not isinstance(field.verbose_name, Promise)
    }
    unnamed |= {str(model._meta.verbose_name) for model in ours if not isinstance(model._meta.verbose_name, Promise)}

    assert unnamed == set(), "Give it a verbose_name, or list it in core/field_names.py"
