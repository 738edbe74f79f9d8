"""Messages to people and programs elsewhere: how a letter is worded, signed and delivered."""
