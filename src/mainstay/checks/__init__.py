"""The exam: every question that a version must answer before people rely on it, one function each."""
