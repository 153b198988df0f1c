"""Sent text that guides what is shown, beside other codecs: the paper's figures, and controls."""
