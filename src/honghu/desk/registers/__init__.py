"""Lists, diagrams and rules of registers."""
