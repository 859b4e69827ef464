"""Lifecycles: typed graphs of states and actions, the proofs that they are sound, their diagram."""
