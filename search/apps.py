from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = _("Search")

    def ready(self) -> None:
        from accounts import ports as accounts  # noqa: PLC0415 - models are ready only now
        from search import handlers  # noqa: F401, PLC0415 - registers them
        from search.actions import own_data  # noqa: PLC0415

        accounts.register_exporter("search", own_data.export_person)
        accounts.register_eraser("search", own_data.erase_person)
