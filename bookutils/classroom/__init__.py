"""Around the graders: notebooks built, submissions graded, this machine looked at."""
