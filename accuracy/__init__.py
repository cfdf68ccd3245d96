"""Precision, recall and right lines on the labelled corpus: db-recheck beside its neighbours.

``make accuracy`` reviews every case of ``fixtures/corpus`` with each system, writes what they said
to ``accuracy/results/`` and what that is worth to ``docs/accuracy.md``.
"""
