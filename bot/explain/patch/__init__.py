"""Fixes of revision files as diffs that git takes."""
