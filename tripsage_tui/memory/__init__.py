"""Recall and remembering: the service that the program sees, embedders, and the worker that reads turns for facts.

It owns what is remembered, when and by whom it is found, and the child process in which Mem0 and the OpenAI SDK run.
It contains no SQL and knows no terminal. Nothing here imports openai or mem0 before it is needed, and mem0 never
outside of that child process.
"""
