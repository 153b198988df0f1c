"""What to learn from, losses, recipes, and the loop that resumes."""
