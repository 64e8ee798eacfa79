import factory

from accounts.tests.factories import UserFactory
from notifications.models import Notification
from notifications.states import NotificationKind


class NotificationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Notification

    user = factory.SubFactory(UserFactory)
    kind = NotificationKind.NEW_FOLLOWER
    facts = factory.LazyFunction(lambda: {"name": "Omar K."})
    url = "/u/omar"
