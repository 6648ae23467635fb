"""The codemods: one file each, with its manual page, its examples and its LibCST transformer."""
