"""One short function per user action: read from the store, ask a room, write down what happened."""
