import factory
from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils import timezone

from accounts.models import Address, Block, Device, Follow, User
from places.tests.factories import NeighborhoodFactory

PASSWORD = "a quiet palm grove"


class UserFactory(factory.django.DjangoModelFactory):
    """A proven person who buys and sells, with `PASSWORD`.

    `unproven=True`: nothing proven; `codes_only=True`: without a password; `buyer=True`: sells nothing; `staff=True`: may enter the
    console; `suspended=True`: by the columns only, without a restriction's row; `at_home=True`: with a neighbourhood.
    """

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        unproven = factory.Trait(email_verified_at=None, phone_verified_at=None)
        codes_only = False
        buyer = factory.Trait(sells_since=None)
        staff = factory.Trait(is_staff=True)
        suspended = factory.Trait(
            suspended_at=factory.LazyFunction(timezone.now), listings_hidden_at=factory.LazyFunction(timezone.now)
        )
        at_home = factory.Trait(neighborhood=factory.SubFactory(NeighborhoodFactory))

    username = factory.Sequence(lambda n: f"person{n}")
    email = factory.LazyAttribute(lambda o: f"{o.username}@example.com")
    phone = factory.Sequence(lambda n: f"+97150{n % 10_000_000:07d}")
    full_name = "Layla Haddad"
    password = factory.LazyAttribute(lambda o: "!" if o.codes_only else make_password(PASSWORD))
    email_verified_at = factory.LazyFunction(timezone.now)
    phone_verified_at = factory.LazyFunction(timezone.now)
    sells_since = factory.LazyFunction(timezone.now)


class FollowFactory(factory.django.DjangoModelFactory):
    """A follow with its counters, whoever the two are."""

    class Meta:
        model = Follow

    follower = factory.SubFactory(UserFactory)
    followed = factory.SubFactory(UserFactory)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        link = super()._create(model_class, *args, **kwargs)
        User.objects.filter(pk=link.follower_id).update(following_count=F("following_count") + 1)
        User.objects.filter(pk=link.followed_id).update(followers_count=F("followers_count") + 1)
        return link


class BlockFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Block

    blocker = factory.SubFactory(UserFactory)
    blocked = factory.SubFactory(UserFactory)


class AddressFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Address

    user = factory.SubFactory(UserFactory)
    label = "Home"
    recipient = "Layla Haddad"
    phone = "+971501234567"
    street = "Al Marsa Street 12"
    city = "Dubai"


class DeviceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Device

    user = factory.SubFactory(UserFactory)
    device_id = factory.Sequence(lambda n: f"device-{n}")
    platform = "android"
    push_token = factory.Sequence(lambda n: f"push-{n}")
