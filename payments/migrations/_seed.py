"""The fee table that a new marketplace starts with: the product rules' three rates and a catch-all.

The AED minimums are the house's; those in EGP and USD are near them in value and an operator's to change.
"""

# position, name, channel, category slug, percent, {currency: minimum in minor units}
RULES = (
    (100, "Luxury", "", "luxury", "12", {"AED": 500, "EGP": 5000, "USD": 150}),
    (200, "Discover", "discover", "", "15", {"AED": 500, "EGP": 5000, "USD": 150}),
    (300, "Neighbourhood", "community", "", "5", {"AED": 200, "EGP": 2000, "USD": 50}),
    (900, "Everything else", "", "", "10", {"AED": 200, "EGP": 2000, "USD": 50}),
)


def seed(rule_model: type, amounts_model: type, category_model: type) -> None:
    """Write the table into an empty one; leave an operator's table alone."""
    if rule_model.objects.exists():
        return
    for position, name, channel, category, percent, minimums in RULES:
        rule = rule_model.objects.create(
            position=position,
            name=name,
            channel=channel,
            category=category_model.objects.get(slug=category) if category else None,
            percent=percent,
        )
        amounts_model.objects.bulk_create(
            [amounts_model(rule=rule, currency=c, minimum_minor=m) for c, m in minimums.items()]
        )
