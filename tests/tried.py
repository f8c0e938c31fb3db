"""How many programs and numbers Hypothesis tries: in `make quick` a tenth of them."""

from hypothesis import settings

settings.register_profile("quick", max_examples=10)


def tried(examples=100, **others):
    """Hypothesis' settings of one test; `make quick` asks for the profile of this name."""
    if settings.get_current_profile_name() == "quick":
        examples = -(-examples // 10)
    return settings(max_examples=examples, deadline=None, **others)
