"""Knowledge of the statutory forms: what they print, what it is called, what must add up. Nothing of file formats."""
