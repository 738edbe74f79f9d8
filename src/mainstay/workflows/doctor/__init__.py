"""What can be wrong around a model without anybody having done anything wrong, and the cure of each."""
