"""What a chapter shows: figures, pictures of graphs, sliders, bets, tables."""

from bookutils.door import door

__getattr__, __dir__, __all__ = door(
    __name__,
    {
        "drawing": "draw",
        "plotting": "figure show use_book_style",
        "stepping": "stepper",
        "tables": "html_table text_table",
        "bets": "Bet bet",
        "controls": "Control choice linear log_stops stops",
        "waiting": "progress_bar",
        "nets": "draw_net",
        "signals": "signal_figure",
        "sliders": "Piece explore",
    },
)
