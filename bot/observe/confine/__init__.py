"""How a process gives up rights before a stranger's code starts in it.

``command_line`` puts a ``Confinement`` before a command; ``enter`` is the program that this
starts: it carries the layers out one after another and becomes the command, so that the child keeps
its process id and its pipes. What ``enter`` imports is the standard library's fastest part: it runs
before each child.
"""
