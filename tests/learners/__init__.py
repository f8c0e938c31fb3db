"""Wrong answers as learners write them: {lot: {id: {fault: answer}}}."""

from learners import (
    compiled,
    compiled_more,
    depth,
    depth_more,
    fifth,
    first,
    fourth,
    in_torch,
    in_torch_more,
    practice,
    practice_more,
    second,
    sixth,
    third,
    to_03,
)

LOTS = {
    "to 03": to_03.ANSWERS,
    "first": first.ANSWERS,
    "second": second.ANSWERS,
    "third": third.ANSWERS,
    "fourth": fourth.ANSWERS,
    "fifth": fifth.ANSWERS,
    "sixth": sixth.ANSWERS,
    "depth": depth.ANSWERS,
    "depth, more": depth_more.ANSWERS,
    "practice": practice.ANSWERS,
    "practice, more": practice_more.ANSWERS,
    "in torch": in_torch.ANSWERS,
    "in torch, more": in_torch_more.ANSWERS,
    "compiled": compiled.ANSWERS,
    "compiled, more": compiled_more.ANSWERS,
}
