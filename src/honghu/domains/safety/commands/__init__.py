"""What actions of the safety registers set off."""
