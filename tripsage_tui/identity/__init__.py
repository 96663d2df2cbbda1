"""Who the user is: local profiles of the embedded mode and the tickets that prove them to the database.

It owns the rules of names and the life of tickets. It must not contain SQL or know screens.
"""
