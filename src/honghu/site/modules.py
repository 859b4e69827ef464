"""The only list of modules: a new domain is a folder under `domains/` and one line here."""

MODULES = (
    "honghu.domains.procurement",
    "honghu.domains.lending",
    "honghu.domains.financing",
    "honghu.domains.statements",
    "honghu.domains.rivers",
    "honghu.domains.safety",
    "honghu.domains.urban",
    "honghu.domains.projects",
    "honghu.domains.supervision",
    "honghu.domains.citizens",
)
