"""城管: urban problems from collection to closing; marked vehicles."""
