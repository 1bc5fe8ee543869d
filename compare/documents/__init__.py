"""Reading: a file becomes sections and passages. One reader a format."""

from compare.documents.model import Document, Passage, Text
from compare.documents.reading import read

__all__ = ["Document", "Passage", "Text", "read"]
