"""Rules of rivers and lakes that a file cannot say; pure, numbers come as arguments."""
