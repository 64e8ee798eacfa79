from stripe_simulator.protocol import Doc
from stripe_simulator.routing import Call, route
from stripe_simulator.world import World


def settings_of(world: World, account: str) -> Doc:
    return world.store.setting(
        f"balance_settings {account}",
        {
            "object": "balance_settings",
            "payments": {
                "debit_negative_balances": False,
                "payouts": {
                    "schedule": {"interval": "daily"},
                    "statement_descriptor": None,
                    "status": "enabled",
                },
                "settlement_timing": {"delay_days": 7},
            },
        },
    )


@route("GET", "/v1/balance_settings", "BalanceSettingsRetrieveParams")
def retrieve(call: Call) -> Doc:
    return settings_of(call.world, call.account)


@route("POST", "/v1/balance_settings", "BalanceSettingsUpdateParams")
def update(call: Call) -> Doc:
    doc, asked = settings_of(call.world, call.account), call.params.get("payments", {})
    payments = doc["payments"]
    if "debit_negative_balances" in asked:
        payments["debit_negative_balances"] = asked["debit_negative_balances"]
    if "payouts" in asked:
        payments["payouts"] |= asked["payouts"]
    timing = asked.get("settlement_timing", {})
    if override := timing.get("delay_days_override"):
        payments["settlement_timing"] |= {"delay_days": override, "delay_days_override": override}
    call.world.store.set(f"balance_settings {call.account}", doc)
    call.world.announce("balance_settings.updated", doc, call.account)
    return doc
