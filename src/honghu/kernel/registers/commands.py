"""Writes: publish a version of a register."""

import datetime as dt

from django.db import connection, transaction
from django.utils.translation import gettext as _

from honghu.base.hashing import sha256
from honghu.base.problems import Conflict
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.checker import load_register
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.models import RegisterVersion
from honghu.kernel.registers.parsing import Known
from honghu.kernel.registers.queries import forget_latest
from honghu.kernel.rulesets.edition import forget_edition


class VersionTaken(Conflict):
    """The version is published with another content, or a later one is."""

    code = "register-version-taken"


def publish_register(
    *, source: str, actor: Actor, now: dt.datetime, known: Known | None = None
) -> Register:
    """Publish a register file's text; the same text again changes nothing.

    Cases keep the version under which they were opened, but roles are those of the latest one: the
    edition's token is renewed, so that all processes learn of it. Raises RegisterFaults for an
    unsound file, VersionTaken for changed content under a published version or a version below the
    latest.
    """
    register = load_register(source, known or Known())
    digest = sha256(source.encode()).hex()
    forget_latest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two publications of one register at once: the second waits, and is judged then.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [register.code])
        latest = RegisterVersion.objects.filter(register=register.code).order_by("-version").first()
        if latest is not None and latest.version >= register.version:
            same = RegisterVersion.objects.filter(
                register=register.code, version=register.version, sha256=digest
            ).exists()
            if same:
                return register
            message = _("{register} is published as version {version} already.").format(
                register=register.code, version=latest.version
            )
            raise VersionTaken(
                message, remedy=_("Raise its version to {next}.").format(next=latest.version + 1)
            )
        RegisterVersion.objects.create(
            register=register.code,
            version=register.version,
            source=source,
            sha256=digest,
            published_at=now,
            published_by=actor.person_id,
        )
    forget_edition()
    forget_latest()
    return register
