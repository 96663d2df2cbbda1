"""Moving everything that one user owns: from one database into another, into a file, and out of a file.

Knows nothing of screens; all SQL is in `data`. Works as the signed-in user on both sides.
"""
