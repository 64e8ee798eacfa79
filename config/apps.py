from django.apps import AppConfig
from django.conf import settings

from config import checks


class WiringConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        checks.refuse_unsafe_production(settings)
