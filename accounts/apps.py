from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import handlers, ports  # noqa: F401, PLC0415 - models are loaded by now
        from accounts.actions import own_data  # noqa: PLC0415
        from accounts.middleware import tie_session, untie_session  # noqa: PLC0415

        ports.register_exporter("accounts", own_data.export_account)
        ports.register_eraser("accounts", own_data.erase_account)
        user_logged_in.connect(tie_session, dispatch_uid="accounts.tie_session")
        user_logged_out.connect(untie_session, dispatch_uid="accounts.untie_session")
