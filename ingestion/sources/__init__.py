"""One file a source: a dlt source function of the same name. Copy the nearest one to add yours."""
