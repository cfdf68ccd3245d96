"""The Action: inputs and an event in; a comment, a check, outputs and an exit status out.

``bot.action.run.act`` is its story.
"""
