"""Wrong answers as learners write them, from chapter 04 on: {lot: {id: {fault: answer}}}."""

from learners import depth, depth_more, first, practice, practice_more, second, third

LOTS = {
    "first": first.ANSWERS,
    "second": second.ANSWERS,
    "third": third.ANSWERS,
    "depth": depth.ANSWERS,
    "depth, more": depth_more.ANSWERS,
    "practice": practice.ANSWERS,
    "practice, more": practice_more.ANSWERS,
}
