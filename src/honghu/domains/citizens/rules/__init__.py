"""Pure rules of public reports: personal data in free text, likeness."""
