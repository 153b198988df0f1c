"""Models of tcsdk to compare with: folders beside this file, found by the group `tcsdk.models`."""
