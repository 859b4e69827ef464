"""Django's handle on key projects."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Projects, milestones, monthly ratings, gates, issues."""

    name = "honghu.domains.projects"
    label = "projects"
