"""重点项目: one leader, one task force and one specialist serve one project."""
