from django.db import migrations, models
from django.db.models.fields.json import KT


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_news_of_orders")]
    operations = [
        migrations.AddIndex(
            "notification",
            models.Index(
                KT("facts__user_id"), condition=models.Q(facts__has_key="user_id"), name="notifications_about"
            ),
        ),
    ]
