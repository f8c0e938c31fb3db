"""How an answer is judged: run with care, compared, told in one sentence. Knows no chapter."""
