"""Policies on the plans of the application's named queries."""
