"""Errors a user can act on.

::

    PolicyCompareError          exit code 2, one line: what, where, what to do
      DocumentError             a document cannot be read
      UnknownDocumentError      a name that stands for nothing
      FetchError                an official text could not be had
      ModelError                an encoder cannot be loaded
      OptionError               an option's value is wrong
"""

from __future__ import annotations


class PolicyCompareError(Exception):
    """Base of all errors that come from the input and not from a fault of the program."""

    exit_code = 2


class DocumentError(PolicyCompareError):
    """A document cannot be read, or holds nothing that can be compared."""


class UnknownDocumentError(PolicyCompareError):
    """A name is neither in the catalogue nor a file nor an address."""


class FetchError(PolicyCompareError):
    """An official text could not be fetched, or what came is not that text."""


class ModelError(PolicyCompareError):
    """An encoder is missing, unknown, or its weights are not the ones expected."""


class OptionError(PolicyCompareError):
    """An option has a value that cannot be used."""
