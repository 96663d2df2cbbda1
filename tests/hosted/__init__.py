"""A stand-in for a hosted project: what supabase-py talks to, over a real PostgreSQL."""
