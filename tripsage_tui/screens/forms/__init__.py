"""Forms: one screen per kind of record, on a common ground that keeps what was typed. Rules live in the models."""
