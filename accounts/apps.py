from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts.queries import founded_exchange
        from core.time import stand_in_every_act

        stand_in_every_act(founded_exchange)
