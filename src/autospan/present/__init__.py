"""One module an output format, each with the public function `present`."""
