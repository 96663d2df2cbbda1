EMAIL = "ada@example.org"
PASSWORD = "correct horse battery"
