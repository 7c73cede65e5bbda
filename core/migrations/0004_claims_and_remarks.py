"""Who has taken a thing on, and what was said about it; what was said never changes."""

import core.ids
import core.triggers
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_names_in_the_readers_language'),
    ]

    operations = [
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', core.ids.PrefixedIdField(prefix='clm', serialize=False)),
                ('ref', models.CharField(max_length=40)),
                ('user', models.CharField(max_length=40)),
                ('claimed_at', models.DateTimeField()),
                ('released_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'claim',
                'verbose_name_plural': 'claims',
                'constraints': [models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('ref',), name='claim_one_open_per_thing')],
            },
        ),
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', core.ids.PrefixedIdField(prefix='rmk', serialize=False)),
                ('ref', models.CharField(max_length=40)),
                ('user', models.CharField(max_length=40)),
                ('organisation', models.CharField(max_length=40)),
                ('outward', models.BooleanField()),
                ('text', models.CharField(blank=True, default='', max_length=1000)),
                ('item', models.CharField(blank=True, default='', max_length=20)),
                ('result', models.CharField(blank=True, choices=[('pass', 'in order'), ('fail', 'not in order'), ('na', 'not applicable')], default='', max_length=4)),
                ('said_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'remark',
                'verbose_name_plural': 'remarks',
                'indexes': [models.Index(fields=['ref', 'id'], name='remark_of_thing')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('item', ''), ('result', ''), models.Q(('text', ''), _negated=True)), models.Q(models.Q(('item', ''), _negated=True), models.Q(('result', ''), _negated=True)), _connector='OR'), name='remark_says_something')],
            },
        ),
        core.triggers.append_only('core_remark'),
        core.triggers.frozen('core_claim', 'ref', 'user', 'claimed_at'),
    ]
