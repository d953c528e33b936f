"""The learner's side: a warm process that is forked for each notebook, its shell, and what confines it.

Nothing here knows a check's truth, a seed or a gradebook; the harness drives it over a socket.
"""
