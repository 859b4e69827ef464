"""Documents with gap-free numbers (文号), made when they are signed."""
