"""What keeps others waiting: locks, scans, rewrites, and the transactions they are held in."""
