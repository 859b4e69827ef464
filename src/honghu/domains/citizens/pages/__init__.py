"""Pages of public reports: for everybody, and for the officers who look at them."""
