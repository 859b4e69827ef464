"""安全生产: hazards found, graded, rectified and struck off; inspections, reports, penalties, campaigns."""
