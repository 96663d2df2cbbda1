"""Who the user is: local profiles of the embedded mode, the tickets that prove them to the database, sealed keys.

It owns the rules of names, the life of tickets, and where the key lies that seals the keys of outside services. It must
not contain SQL or know screens.
"""
