from django.db import migrations
from django.utils import timezone

# Written out: what a version says never changes, whatever the program's defaults become.
FIRST = {
    "text": 4.0,
    "freshness": 2.0,
    "distance": 3.0,
    "trust": 1.5,
    "engagement": 1.5,
    "newcomer": 0.5,
    "diversity": 0.15,
    "freshness_half_days": 7.0,
    "distance_half_km": 2.0,
    "engagement_half": 20.0,
    "newcomer_days": 30.0,
}


def write(apps, schema_editor):
    apps.get_model("feeds", "RankingWeights").objects.get_or_create(
        version=1, defaults={"values": FIRST, "state": "active", "active_from": timezone.now()}
    )


class Migration(migrations.Migration):
    dependencies = (("feeds", "0001_ranking_weights"),)
    operations = (migrations.RunPython(write, migrations.RunPython.noop),)
