from django.db import migrations

from places.migrations._meeting_points import seed


def write(apps, schema_editor):
    seed(apps.get_model("places", "MeetingPoint"))


class Migration(migrations.Migration):
    dependencies = (("places", "0002_meeting_points"),)
    operations = (migrations.RunPython(write, migrations.RunPython.noop),)
