"""How many programs and numbers Hypothesis tries, in `make quick` a tenth of them; at any speed."""

from hypothesis import HealthCheck, settings

# a busy machine is no fault of a test's, whether it draws its examples slowly or runs them so
AT_ANY_SPEED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", max_examples=10, **AT_ANY_SPEED)
settings.register_profile("book", **AT_ANY_SPEED)
settings.load_profile("book")


def tried(examples=100, **others):
    """Hypothesis' settings of one test; `make quick` asks for the profile of this name."""
    if settings.get_current_profile_name() == "quick":
        examples = -(-examples // 10)
    return settings(max_examples=examples, **others)
