"""Pages across modules: my work, register, case, proof, sign-in, public."""
