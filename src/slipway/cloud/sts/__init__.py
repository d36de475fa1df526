"""STS: who may assume which role."""
