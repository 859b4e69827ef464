"""Parts of the case pages of work safety: a campaign's table of found and rectified."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from honghu.domains.safety.queries import campaign_cells
from honghu.kernel.cases.rows import CaseDetail
from honghu.web.components import Column, Row, Table


def cells_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """Major hazards of the campaign, counted from the list; hidden while there is none.

    Listed hazards are among those found: their line stands below the total and is not added to it.
    """
    cells = campaign_cells(detail.row.id)
    if cells.found == 0:
        return None
    lines = (
        (_("Inspections by departments"), cells.department_found, cells.department_rectified),
        (_("Self-checks of enterprises"), cells.self_found, cells.self_rectified),
        (_("Total"), cells.found, cells.rectified),
        (_("Of these listed by the government"), cells.listed, cells.listed_rectified),
    )
    columns = (
        Column(label=_("Major hazards"), role="title"),
        Column(label=_("Found"), kind="integer"),
        Column(label=_("Rectified"), kind="integer"),
    )
    return {
        "table": Table(
            caption=_("Major hazards found and rectified"),
            columns=columns,
            rows=tuple(Row(cells=line) for line in lines),
            is_caption_hidden=True,
        )
    }
