"""The comments room: reading what citizens wrote."""
