"""What can be reported: the services that registers declare in their files (`public_reports:`)."""

import dataclasses
from collections.abc import Sequence

from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.kernel.registers.model import Field, PublicReports, Register, Text
from honghu.kernel.registers.queries import known_registers

REPORTS = "public-report"


class ServiceUnknown(NotFound):
    """No register takes reports of this kind."""

    code = "service-unknown"


@dataclasses.dataclass(frozen=True, slots=True)
class Service:
    """One kind of thing that can be reported; `option` is its value of the register's field."""

    code: str
    title: Text
    register: Register
    takes: PublicReports
    option: str | None

    @property
    def attributes(self) -> Sequence[Field]:
        """What is asked beside words, place and photographs; a fact of all reports is not asked."""
        return [self.register.fields[code] for code in self.takes.attributes]


def list_services() -> list[Service]:
    """Every service, by register in the order of its options. Costs no query once known."""
    return [each for one in known_registers().values() for each in _services(one)]


def find_service(code: str) -> Service:
    """One service by its code, `register.option` or `register`. Raises ServiceUnknown."""
    name, _dot, _option = code.partition(".")
    register = known_registers().get(name)
    for each in _services(register) if register else ():
        if each.code == code:
            return each
    message = _("Nothing is reported under {code}.").format(code=code[:130])
    raise ServiceUnknown(message, remedy=_("Choose one of the kinds that are listed."))


def _services(register: Register) -> list[Service]:
    takes = register.public_reports
    if takes is None:
        return []
    if takes.by is None:
        return [Service(register.code, register.title, register, takes, None)]
    options = register.fields[takes.by].options
    return [
        Service(f"{register.code}.{option}", options[option], register, takes, option)
        for option in takes.options or options
    ]
