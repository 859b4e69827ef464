"""The proof of a step: its place in the journal under the latest signed checkpoint."""

from django.urls import reverse

from honghu.kernel.cases.rows import StepRow
from honghu.kernel.journal.queries import NotYetProvable, inclusion, latest_checkpoint
from honghu.web.components import Proof


def step_proof(step: StepRow) -> Proof | None:
    """Leaf, position, root and signing time; null until a checkpoint covers the step."""
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        return None
    try:
        found = inclusion(step.id, checkpoint.size)
    except NotYetProvable:
        return None
    return Proof(
        leaf_hash=found.leaf_hash.hex(),
        verify_url=reverse("verify"),
        leaf_index=found.index,
        tree_size=found.size,
        root_hash=bytes(found.root).hex(),
        signed_at=checkpoint.signed_at,
        receipt_url=reverse("receipt", args=[step.id]),
    )
