"""Everything that lasts: ledger, artifacts, journal, spool and the only real clock."""
