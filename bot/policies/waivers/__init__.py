"""Is what the change allows itself in order?"""
