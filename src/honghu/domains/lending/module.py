"""What lending declares of itself."""

from pathlib import Path

from honghu.kernel.modules.module import Module
from honghu.kernel.registers.model import Text

MODULE = Module(code="lending", title=Text("贷款服务", "Lending"), folder=Path(__file__).parent)
