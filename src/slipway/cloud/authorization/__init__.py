"""Who may do what: every request judged by the policies that bear on it, where IAM is enforced."""
