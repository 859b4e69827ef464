"""Close of business (日终): every loan served to the day, classified, provided for, reported."""
