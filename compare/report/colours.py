"""Colours and shapes of documents, in every format."""

from __future__ import annotations

# Told apart also by the colour-blind (after Okabe & Ito 2008); a contrast of 3 to 1 and more on white and on black.
COLOURS = ("#0f7fc4", "#d55e00", "#009e73", "#c0649a", "#967a0b", "#7f7f7f")
SHAPES = ("circle", "diamond", "square", "triangle-up", "cross", "triangle-down")
