"""The version as a folder: packs it without pickle, inspects it before it is opened, refuses a changed byte."""
