"""The table of deadlines, and how long a signature may take.

No instrument in force names a period for it; the exchange's own rules do.
"""

from datetime import date

from django.db import migrations, models

ROW = {
    "step": "signature",
    "basis": "交易所交易规则 合同签署",
    "effective_from": date(2020, 1, 1),
}


def forwards(apps, _editor):
    apps.get_model("contracts", "DeadlineRule").objects.create(workdays=5, **ROW)


def backwards(apps, _editor):
    apps.get_model("contracts", "DeadlineRule").objects.filter(**ROW).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0002_quota_and_usage'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeadlineRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('signature', 'signature of the contract')], max_length=10)),
                ('basis', models.CharField(max_length=120)),
                ('effective_from', models.DateField()),
                ('workdays', models.PositiveSmallIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('step', 'basis', 'effective_from'), name='deadline_once'), models.CheckConstraint(condition=models.Q(('step__in', ['signature'])), name='deadline_step_known'), models.CheckConstraint(condition=models.Q(('workdays__gte', 1), ('workdays__lte', 250)), name='deadline_in_range')],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
