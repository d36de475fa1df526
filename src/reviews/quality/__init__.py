"""The quality job: are these reviews fit to learn from? PyDeequ on Spark, before training is paid for."""
