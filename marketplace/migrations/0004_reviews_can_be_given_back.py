"""A review can be given back and the version claimed anew; what was frozen is frozen again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.triggers import frozen

FROZEN = frozen("marketplace_review", "version_id", "reviewer_id", "claimed_at")
# SQLite makes the table anew and would lose its triggers unseen.
THAWED = migrations.RunPython(FROZEN.reverse_code, FROZEN.code)


class Migration(migrations.Migration):

    dependencies = [
        ('marketplace', '0003_names_in_the_readers_language'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        THAWED,
        migrations.AddField(
            model_name='review',
            name='released_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='review',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='marketplace.productversion'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('version',), name='review_one_open_per_version'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('released_at', None), ('recommended_at', None), _connector='OR'), name='review_released_before_recommendation'),
        ),
        FROZEN,
    ]
