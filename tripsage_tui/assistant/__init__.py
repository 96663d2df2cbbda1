"""The chat agent: a model's wires behind one stream of events, tools, prompts, approval, the conversation tree.

Imports the OpenAI SDK on first use only (half a second). Never writes a row that the user did not approve, and takes
user and trip from the session, never from a model.
"""
