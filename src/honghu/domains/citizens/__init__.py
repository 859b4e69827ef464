"""What the public reports (群众上报): taken in by a page and by Open311, triaged, filed, answered."""
