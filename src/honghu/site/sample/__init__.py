"""The county of June 2023: invented cases from which the figures of that month come out."""
