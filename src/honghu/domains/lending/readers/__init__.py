"""Outside formats of lending: loan terms as JSON, the published LPR as CSV."""
