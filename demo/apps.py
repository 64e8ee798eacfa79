from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """The demo city: stands above every app, holds no rule and no table, and nobody imports it."""

    name = "demo"
    verbose_name = _("Demo city")
