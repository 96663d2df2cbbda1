"""Signing in to a hosted project, keeping the session, and the tickets that it buys.

It owns the ways in and out, the kept sessions of each project, and when they are renewed. It must not contain SQL or
know screens. Modules import httpx and supabase_auth on first use only: a start with a kept session needs neither the
Auth client nor its 0.25 s.

    accounts = Accounts(project, Keeping(state), state)     # who has signed in here
    outcome = await SignIn(project, accounts).password(...)  # SignedIn or NeedsFactor
    Database(project.target, HostedSession(project, accounts, account))
"""
