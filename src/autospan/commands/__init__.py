"""The commands: one file each, a short function with its help and its exit codes."""
