"""The command line's toolkit and the kernel's commands."""
