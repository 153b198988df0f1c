"""A server of the page that makes and shows streams: `tcsdk serve`."""
