"""A writer of annual reports for measuring the extractor: any edition, any format, chosen anomalies, exact ground truth."""
