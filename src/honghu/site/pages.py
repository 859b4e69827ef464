"""Whether this installation works: the address that a load balancer or a monitor asks."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from honghu.kernel.journal.queries import oldest_waiting


@require_safe
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 a view's signature
    """200 with `status: ok`, or 503 with `status: down` if the database does not answer.

    `journal_waiting_seconds` is the age of the oldest leaf without a place in the log, null if
    none waits: a growing number means that `honghu work` does not run.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        since = oldest_waiting()
    except DatabaseError:
        return _answer({"status": "down", "database": "unreachable"}, 503)
    waiting = None if since is None else max(0, round((timezone.now() - since).total_seconds()))
    return _answer({"status": "ok", "database": "ok", "journal_waiting_seconds": waiting}, 200)


def _answer(content: dict[str, object], status: int) -> HttpResponse:
    return JsonResponse(content, status=status, headers={"Cache-Control": "no-store"})
