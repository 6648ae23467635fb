"""The presenters: one file an output format, each with one public function `present`."""
