"""What all trainings share: checkpoints, optimiser, a run that stops and resumes."""
