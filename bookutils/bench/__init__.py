"""Speed measured side by side, kept as records with machine, date and versions, and drawn."""

from bookutils.door import door

__getattr__, __dir__, __all__ = door(
    __name__,
    {
        "record": "recorded",
        "limits": "call_line roof shares",
        "ratios": "draw_ratios",
        "curves": "draw_calls draw_costs draw_rates draw_riders draw_roofline",
    },
)
