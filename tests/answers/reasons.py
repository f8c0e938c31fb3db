"""Why a change keeps an answer right, where several chapters have the same reason."""

TRANSPOSED_VECTOR = "an array with one axis is its own transpose"
OTHER_ORDER = "the sum, or the list, does not depend on the order of the arrows"
NO_KINK = "z = 0 does not occur: the slope there is a matter of taste"
