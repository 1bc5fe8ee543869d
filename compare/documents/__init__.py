"""Reading: a file becomes sections and passages. One reader a format."""

from compare.documents.model import ContentsEntry, Document, Passage, Section, Text
from compare.documents.reading import read

__all__ = ["ContentsEntry", "Document", "Passage", "Section", "Text", "read"]
