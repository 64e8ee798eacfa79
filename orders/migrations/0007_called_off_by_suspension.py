from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0006_cash_back_clocks'),
    ]

    operations = [
        migrations.AlterField(
            model_name='order',
            name='cancelled_because',
            field=models.CharField(blank=True, choices=[('not_paid', 'not paid in time'), ('buyer', 'the buyer changed their mind'), ('seller', 'the seller could not deliver'), ('late', 'not sent in time'), ('no_show', 'somebody did not come'), ('gone', 'it was no longer to be had'), ('staff', 'cancelled by our staff'), ('chargeback', 'the payment was disputed with the bank'), ('suspended', 'somebody in it may not trade at the moment')], max_length=12),
        ),
    ]
