"""What must hold: figures, suites that judge them, and accuracy against a truth."""
