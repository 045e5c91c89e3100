"""What nobody thought of, made from a seed: configs, answers and files, and what must hold for each of them.

A case is one seed. What fails names it, and the same seed gives the same case again on any machine.
"""
