"""Which admin site the project has."""

from django.contrib.admin.apps import AdminConfig


class ReadingRoomConfig(AdminConfig):
    default_site = "core.reading_room.ReadingRoom"
