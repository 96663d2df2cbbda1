"""Pure domain: pydantic models and rules (money, time zones, agenda, parsing). No I/O, no Textual, no SQL."""
