"""Statements may be objected to, and count as accepted when nobody does in time.

GF-2025-2615, article 7, leaves the length of the period to the parties; the exchange's own
rules fill it in. SQLite makes a table anew when a constraint changes, without its triggers,
so they are taken off first and put back last.
"""

from datetime import date

import core.ids
import core.triggers
import django.db.models.deletion
from django.db import migrations, models

FROZEN = core.triggers.frozen(
    'contracts_statement', 'contract_id', 'number', 'since', 'until', 'body', 'digest',
    'root', 'amount_fen', 'drawn_at',
)
ROW = {
    "step": "objection",
    "basis": "GF-2025-2615 第七条、交易所交易规则 结算单异议",
    "effective_from": date(2020, 1, 1),
}


def forwards(apps, _editor):
    apps.get_model("contracts", "DeadlineRule").objects.create(workdays=5, **ROW)


def backwards(apps, _editor):
    apps.get_model("contracts", "DeadlineRule").objects.filter(**ROW).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0004_names_in_the_readers_language'),
    ]

    operations = [
        migrations.RunPython(FROZEN.reverse_code, FROZEN.code),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', core.ids.PrefixedIdField(prefix='obj', serialize=False)),
                ('role', models.CharField(choices=[('seller', 'seller'), ('buyer', 'buyer')], max_length=6)),
                ('reason', models.CharField(max_length=400)),
                ('raised_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
            ],
            options={'verbose_name': 'objection', 'verbose_name_plural': 'objections'},
        ),
        migrations.RemoveConstraint(
            model_name='deadlinerule',
            name='deadline_step_known',
        ),
        migrations.RemoveConstraint(
            model_name='statement',
            name='statement_state_known',
        ),
        migrations.AddField(
            model_name='statement',
            name='accepted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='deadlinerule',
            name='step',
            field=models.CharField(choices=[('signature', 'signature of the contract'), ('objection', 'objection to a statement')], max_length=10),
        ),
        migrations.AlterField(
            model_name='statement',
            name='state',
            field=models.CharField(choices=[('drawn', 'drawn'), ('countersigned_by_one', 'countersigned by one side'), ('countersigned', 'countersigned'), ('objected', 'objected to'), ('deemed_accepted', 'deemed accepted')], default='drawn', max_length=20, verbose_name='state'),
        ),
        migrations.AddConstraint(
            model_name='deadlinerule',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['signature', 'objection'])), name='deadline_step_known'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['drawn', 'countersigned_by_one', 'countersigned', 'objected', 'deemed_accepted'])), name='statement_state_known'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', False), ('state', 'deemed_accepted')), models.Q(models.Q(('state', 'deemed_accepted'), _negated=True), ('accepted_at__isnull', True)), _connector='OR'), name='statement_accepted_at_iff_deemed_accepted'),
        ),
        migrations.AddField(
            model_name='objection',
            name='statement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='contracts.statement'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('statement',), name='objection_open_once'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['seller', 'buyer'])), name='objection_role_known'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('raised_at')), _connector='OR'), name='objection_in_order'),
        ),
        FROZEN,
        core.triggers.frozen(
            'contracts_objection', 'statement_id', 'role', 'reason', 'raised_at'
        ),
        migrations.RunPython(forwards, backwards),
    ]
