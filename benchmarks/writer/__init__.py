"""A writer of annual reports for measuring the extractor: any edition and format, chosen anomalies, exact truth."""
