"""Federation: with which servers people here may talk."""
