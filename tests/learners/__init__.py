"""Wrong answers as learners write them, for chapters 04 to 06: {lot: {id: {fault: answer}}}."""

from learners import first, second, third

LOTS = {"first": first.ANSWERS, "second": second.ANSWERS, "third": third.ANSWERS}
