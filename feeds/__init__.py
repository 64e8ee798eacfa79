"""What is near, new and followed: composed and ranked from the catalogue."""
