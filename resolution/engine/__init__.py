"""The compiled scorer: blocks records and weighs pairs as Splink would, in machine code."""
