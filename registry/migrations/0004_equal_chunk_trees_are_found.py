from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_certificates_never_change")]

    operations = [
        migrations.AddIndex(
            model_name="assetversion",
            index=models.Index(fields=["chunk_root"], name="version_chunk_root"),
        ),
    ]
