"""Rules on a report beside the form's own arithmetic: declared in `declaration.yaml`, one module for each kind."""
