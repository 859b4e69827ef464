"""Processes killed in the middle of their work: nothing acknowledged is lost, nothing is done twice.

`storm` drives workers that perform commands, kills them (and the server's processes, and the whole
server), delivers again what was not acknowledged, and looks at what is left. What the workers do
is a workload: one file in `workloads/` for each kind of command. To add one, see `workload`.

`HONGHU_KILLS=1000 pytest tests/crashes` is the thorough run.
"""
