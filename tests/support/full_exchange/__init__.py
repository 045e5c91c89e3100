"""An exchange that can do everything, to show what a client and the command line make of it."""
