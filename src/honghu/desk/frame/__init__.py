"""What every signed-in page shares: who acts, when, and the frame around the page."""
