"""Bytes grown by what code they reach, against everything that reads bytes from outside."""
