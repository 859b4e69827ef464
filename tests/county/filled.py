"""Whether somebody who opens a register of the sample county finds anything there."""

from honghu.kernel.cases.models import Case
from honghu.kernel.modules.module import Module


def empty_registers(module: Module) -> list[str]:
    """Codes of the module's registers in which there is no case."""
    filled = set(Case.objects.values_list("register", flat=True).distinct())
    return sorted({path.stem for path in module.register_files} - filled)
