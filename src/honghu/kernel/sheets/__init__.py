"""Excel out and in: tables as officials file them, and lists brought into registers."""
