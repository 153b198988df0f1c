"""Many pictures: ordered parallel work, outcomes, forks."""
